package main

import "testing"

func TestSplitKeyFile(t *testing.T) {
	for _, test := range []struct{ text, name, path string }{
		{"/run/secrets/checkout.key", "checkout", "/run/secrets/checkout.key"},
		{"/run/secrets/checkout", "checkout", "/run/secrets/checkout"},
		{"checkout.prod.key", "checkout.prod", "checkout.prod.key"},
		{"/keys/.checkout", ".checkout", "/keys/.checkout"},
		{"shop=/run/secrets/checkout.key", "shop", "/run/secrets/checkout.key"},
		{"shop=a=b.key", "shop", "a=b.key"},
		{"./a=b.key", "a=b", "./a=b.key"},
		{"/keys/a=b/c.key", "c", "/keys/a=b/c.key"},
	} {
		name, path, err := splitKeyFile(test.text)
		if err != nil || name != test.name || path != test.path {
			t.Errorf("%q: name %q, path %q, %v; want name %q, path %q", test.text, name, path, err, test.name, test.path)
		}
	}
	for _, text := range []string{"", "shop=", "=/keys/a.key", "a\xff=/keys/a.key", "/keys/a\xff.key"} {
		if name, path, err := splitKeyFile(text); err == nil {
			t.Errorf("%q is taken for name %q, path %q", text, name, path)
		}
	}
}

func TestKeyFilesComeBeforeTheEnvironment(t *testing.T) {
	sources, err := keySources([]string{"a.key", "b=c.key"}, "from-environment")
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) != 2 || sources[0].name != "a" || sources[1].name != "b" {
		t.Errorf("with key files: %v", sources)
	}
	sources, err = keySources(nil, "from-environment")
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) != 1 || sources[0].name != "default" {
		t.Fatalf("without key files: %v", sources)
	}
	if key, err := sources[0].key.Read(); err != nil || key != "from-environment" {
		t.Errorf("key %q, %v", key, err)
	}
}
