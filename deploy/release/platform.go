package main

type platform struct{ os, arch string }

// platforms are those that the release is built for.
var platforms = []platform{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

func (p platform) String() string { return p.os + "-" + p.arch }

// program is the binary's name there.
func (p platform) program() string {
	if p.os == "windows" {
		return "empirical_exporter.exe"
	}
	return "empirical_exporter"
}
