package lsp

import (
	"net/url"
	"path/filepath"
	"strings"
)

// The schemes of documents that are files, and of those that were never saved.
const (
	fileScheme    = "file"
	unsavedScheme = "untitled"
)

// pathOf returns the file of a URI. A document that is no file (untitled:Untitled-1) has a name that no
// file has, so that it is read and judged like one.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != fileScheme {
		return strings.NewReplacer("/", "_", "\\", "_").Replace(uri)
	}
	path := u.Path
	if len(path) > 2 && path[0] == '/' && path[2] == ':' {
		path = path[1:] // /c:/etc on Windows
	}
	return filepath.Clean(filepath.FromSlash(path))
}

// FileURI returns the URI of a file.
func FileURI(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: fileScheme, Path: path}).String()
}
