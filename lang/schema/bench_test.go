package schema

import "testing"

func BenchmarkBuildIndex(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		buildIndex()
	}
}

func BenchmarkParseArgs(b *testing.B) {
	b.ReportAllocs()
	all := All()
	for b.Loop() {
		for _, k := range all {
			ParseArgs(k.Args)
		}
	}
}
