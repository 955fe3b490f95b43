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
		ruleAdvertIntRounded(),
		ruleAuthIgnored(),
		ruleAuthMismatch(),
		ruleAuthPassTruncated(),
		ruleBFDIntervalLong(),
		ruleBFDSelf(),
		ruleBraceInWord(),
		ruleCheckIncomplete(),
		ruleCheckPortDiffers(),
		ruleCommentInWord(),
		ruleConditionSplitsBlock(),
		ruleDeadKeyword(),
		ruleDefinitionCut(),
		ruleDeprecatedKeyword(),
		ruleDuplicateKeyword(),
		ruleDuplicateName(),
		ruleDuplicateRealServer(),
		ruleDuplicateVirtualServer(),
		ruleExtraWords(),
		ruleFailoverNever(),
		ruleFamilyMix(),
		ruleFlagTakesNoValue(),
		ruleGroupWeightIgnored(),
		ruleHMACAndAuth(),
		ruleHMACKeyLength(),
		ruleHMACOff(),
		ruleIncludeCycle(),
		ruleIncludeNotFound(),
		ruleIncludeReadTwice(),
		ruleInterfaceUnused(),
		ruleInvalidValue(),
		ruleInvisibleCharacter(),
		ruleKeywordOrder(),
		ruleLineTooLong(),
		ruleMailNeverSent(),
		ruleMethodMissing(),
		ruleMisplacedKeyword(),
		ruleMissingArgument(),
		ruleMissingKeyword(),
		ruleMulticastGroup(),
		ruleNestingTooDeep(),
		ruleNoHealthCheck(),
		ruleNopreemptBlocksFailover(),
		ruleNopreemptIgnored(),
		ruleNotCompiled(),
		ruleNotConfiguration(),
		ruleNotText(),
		ruleOwnerPriority(),
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
		ruleScriptArgumentsLost(),
		ruleScriptNoInterval(),
		ruleScriptNotAbsolute(),
		ruleScriptSecurity(),
		ruleScriptShellSyntax(),
		ruleScriptTimeout(),
		ruleScriptUserMissing(),
		ruleSequenceInvalid(),
		ruleSettingIgnored(),
		ruleSingleMemberGroup(),
		ruleSorryServerConflict(),
		ruleStateConflict(),
		ruleStrictBlocksVIP(),
		ruleStrictConflict(),
		ruleSyncGroupOwnerMix(),
		ruleTemplateResidue(),
		ruleTooLarge(),
		ruleTooManyVips(),
		ruleTrackOwnInterface(),
		ruleTypographicQuote(),
		ruleUnclosedBlock(),
		ruleUnclosedQuote(),
		ruleUndefinedReference(),
		ruleUnexpectedBrace(),
		ruleUnicastEmpty(),
		ruleUnicastNoSource(),
		ruleUnicastSelf(),
		ruleUnknownKeyword(),
		ruleUnusedDefinition(),
		ruleUnusedIgnore(),
		ruleVIPMismatch(),
		ruleVIPMissing(),
		ruleVIPNotLinkLocal(),
		ruleVIPReused(),
		ruleVMACConflict(),
		ruleVRIDCollision(),
		ruleVRIDMismatch(),
		ruleVRIDReused(),
		ruleVersionMismatch(),
		ruleVirtualServerMismatch(),
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
