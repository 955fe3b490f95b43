// Package house holds no code, only the tests that keep the layout of the project: who may import whom,
// which packages are pure, where keywords may be written, and what each binary links.
// docs/architecture.md tells why.
package house
