package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
)

var model = flag.String("model", "claude-3-5-haiku@20241022", "id of the model on Google Cloud")

func main() {
	flag.Parse()
	body := `{"anthropic_version": "vertex-2023-10-16", "max_tokens": 1000, "messages": [{"role": "user", "content": "Hi"}]}`
	for _, each := range []string{*model, "claude-3-haiku@20240307"} {
		path := "/v1/projects/demo/locations/global/publishers/anthropic/models/" + each + ":rawPredict"
		call, err := http.NewRequest(http.MethodPost, os.Getenv("ANTHROPIC_BASE_URL")+path, strings.NewReader(body))
		if err != nil {
			panic(err)
		}
		call.Header.Set("content-type", "application/json")
		call.Header.Set("authorization", "Bearer test")
		answer, err := http.DefaultClient.Do(call)
		if err != nil {
			panic(err)
		}
		answer.Body.Close()
		fmt.Println(each, answer.StatusCode)
		if answer.StatusCode != http.StatusOK {
			os.Exit(1)
		}
	}
}
