package lint

import (
	"cmp"
	"slices"
)

// Rules returns every rule, sorted by name. A new rule is a file rule_<name>.go with a function that
// returns it, and one line here.
func Rules() []*Rule {
	rules := []*Rule{
		ruleAdvertIntMismatch(),
		ruleAuthIgnored(),
		ruleAuthMismatch(),
		ruleAuthPassTruncated(),
		ruleBFDIntervalLong(),
		ruleBFDSelf(),
		ruleBraceInWord(),
		ruleCheckPortDiffers(),
		ruleCommentInWord(),
		ruleConditionSplitsBlock(),
		ruleDeadKeyword(),
		ruleDefinitionCut(),
		ruleDeprecatedKeyword(),
		ruleDuplicateName(),
		ruleDuplicateRealServer(),
		ruleDuplicateVirtualServer(),
		ruleFailoverNever(),
		ruleFamilyMix(),
		ruleGroupWeightIgnored(),
		ruleIncludeCycle(),
		ruleIncludeNotFound(),
		ruleIncludeReadTwice(),
		ruleInvalidValue(),
		ruleInvisibleCharacter(),
		ruleKeywordOrder(),
		ruleLineTooLong(),
		ruleMethodMissing(),
		ruleMisplacedKeyword(),
		ruleMissingArgument(),
		ruleMissingKeyword(),
		ruleNestingTooDeep(),
		ruleNoHealthCheck(),
		ruleNopreemptBlocksFailover(),
		ruleNopreemptIgnored(),
		ruleNotCompiled(),
		ruleNotConfiguration(),
		ruleNotText(),
		ruleParameterCycle(),
		ruleParameterUndefined(),
		rulePersistenceForced(),
		rulePortRewritten(),
		rulePreemptDelayIgnored(),
		rulePriorityTie(),
		ruleProtocolMissing(),
		ruleQuorumUnreachable(),
		ruleRealServerMissing(),
		ruleRegexInvalid(),
		ruleRouteHostBits(),
		ruleRouterIDDuplicate(),
		ruleRulePreferenceMissing(),
		ruleSchedulerMissing(),
		ruleScriptShellSyntax(),
		ruleSequenceInvalid(),
		ruleSettingIgnored(),
		ruleSingleMemberGroup(),
		ruleSorryServerConflict(),
		ruleStateConflict(),
		ruleSyncGroupOwnerMix(),
		ruleTemplateResidue(),
		ruleTooLarge(),
		ruleTypographicQuote(),
		ruleUnclosedBlock(),
		ruleUnclosedQuote(),
		ruleUndefinedReference(),
		ruleUnexpectedBrace(),
		ruleUnknownKeyword(),
		ruleUnusedIgnore(),
		ruleVersionMismatch(),
		ruleVIPMismatch(),
		ruleVirtualServerMismatch(),
		ruleVRIDCollision(),
		ruleVRIDMismatch(),
	}
	slices.SortFunc(rules, func(a, b *Rule) int { return cmp.Compare(a.Name, b.Name) })
	return rules
}

// FindRule finds a rule by its name.
func FindRule(name string) (*Rule, bool) {
	for _, r := range Rules() {
		if r.Name == name {
			return r, true
		}
	}
	return nil, false
}
