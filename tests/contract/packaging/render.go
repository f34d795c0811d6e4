// Renders a Helm chart where there is no helm: the engine of helm is Go's text/template with the functions of sprig and those below
// (helm.sh/docs/chart_template_guide), and so is this. From standard input: {"chart", "values", "release", "files": {path: text}}; to
// standard output: {path: rendered text}. What helm has besides (lookup, tpl, .Files, subcharts, hooks) is not here: a chart that uses
// it fails.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

type object = map[string]interface{}

func toYAML(value interface{}) (string, error) {
	text, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(text), "\n"), err
}

func required(warning string, value interface{}) (interface{}, error) {
	if value == nil || value == "" {
		return nil, fmt.Errorf("%s", warning)
	}
	return value, nil
}

func main() {
	log.SetFlags(0)
	var given struct {
		Chart, Values, Release object
		Files                  map[string]string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		log.Fatal(err)
	}
	all := template.New("").Option("missingkey=zero")
	functions := sprig.TxtFuncMap()
	// A chart must not see the machine that it is rendered on.
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["toYaml"] = toYAML
	functions["required"] = required
	functions["include"] = func(name string, data interface{}) (string, error) {
		var text strings.Builder
		err := all.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	all.Funcs(functions)
	for name, text := range given.Files {
		if _, err := all.New(name).Parse(text); err != nil {
			log.Fatal(err)
		}
	}
	rendered := map[string]string{}
	for name := range given.Files {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		var text strings.Builder
		data := object{"Chart": given.Chart, "Values": given.Values, "Release": given.Release}
		if err := all.ExecuteTemplate(&text, name, data); err != nil {
			log.Fatal(err)
		}
		// As helm does with what no value was given for.
		rendered[name] = strings.ReplaceAll(text.String(), "<no value>", "")
	}
	if err := json.NewEncoder(os.Stdout).Encode(rendered); err != nil {
		log.Fatal(err)
	}
}
