package proof

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Dashboard is what matters here of a dashboard's JSON.
type Dashboard struct {
	File        string
	UID         string
	Title       string
	Description string
	Tooltip     int `json:"graphTooltip"`
	Editable    bool
	Schema      int `json:"schemaVersion"`
	Panels      []Panel
	Templating  struct{ List []Variable }
	Annotations struct{ List []Annotation }
	Links       []struct{ URL string }
	Time        struct{ From string }
}

// Panel is one panel, or the title of a row.
type Panel struct {
	ID          int
	Type        string
	Title       string
	Description string
	Datasource  Source
	Targets     []Target
	FieldConfig struct {
		Defaults struct {
			Unit       string
			NoValue    string
			Thresholds Thresholds
		}
		Overrides []Override
	}
	Options struct {
		Legend struct {
			DisplayMode string
		}
	}
	Transformations []struct{ ID string }
	Interval        string // the least step of its graphs
	MaxDataPoints   int
	GridPos         struct{ H, W, X, Y int }
}

// Override is what a panel does differently for some fields.
type Override struct {
	Matcher struct {
		ID      string
		Options any
	}
	Properties []struct {
		ID    string
		Value json.RawMessage
	}
}

// Thresholds are the levels of a panel's values.
type Thresholds struct {
	Steps []struct {
		Value *float64
		Color string
	}
}

// Source names a data source.
type Source struct{ Type, UID string }

// Target is one query of a panel.
type Target struct {
	RefID      string
	Expr       string
	Instant    bool
	Datasource Source
}

// Variable is one variable of a dashboard.
type Variable struct {
	Name        string
	Type        string
	Label       string
	Description string
	Definition  string
	Query       json.RawMessage
	Regex       string
	Refresh     int
	Multi       bool
	IncludeAll  bool
	AllValue    string
	Datasource  Source
}

// Annotation marks moments on graphs.
type Annotation struct {
	Name       string
	BuiltIn    int
	Datasource Source
	Target     Target
}

// Dashboards reads every dashboard of a directory.
func Dashboards(directory string) ([]Dashboard, error) {
	files, err := filepath.Glob(filepath.Join(directory, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no dashboard in %s: run `make dashboards`", directory)
	}
	var all []Dashboard
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		read := Dashboard{File: filepath.Base(file)}
		if err := json.Unmarshal(text, &read); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, read)
	}
	return all, nil
}
