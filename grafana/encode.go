package main

import (
	"bytes"
	"encoding/json"
)

// encode gives the dashboard as the JSON that Grafana imports and provisions, the same bytes every time.
func encode(b board) ([]byte, error) {
	built, err := b.build()
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(built)
	if err != nil {
		return nil, err
	}
	var document map[string]any
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber() // else large numbers would come back as 1e+06
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	document["annotations"] = map[string]any{"list": annotationModels(b.annotations)}

	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(document)
	return text.Bytes(), err
}
