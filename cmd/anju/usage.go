package main

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/alecthomas/kong"
)

// wrongUsage says what is wrong with a command line, and where to read how it is written.
func wrongUsage(s *session, err error) int {
	command := "anju"
	var of *kong.ParseError
	if errors.As(err, &of) && of.Context != nil && of.Context.Command() != "" {
		command += " " + of.Context.Selected().Name
	}
	text := err.Error()
	if zh := usageInChinese(text); zh != "" {
		text = zh + " / " + text
	}
	fmt.Fprintf(s.err, "anju: %s\n用法有误：%s --help 查看用法 / wrong usage: \"%s --help\" shows how it is written\n", text, command, command)
	return exitUsage
}

// usageInChinese says in Chinese what the parser of command lines says in English alone, "" where it says
// something else.
func usageInChinese(text string) string {
	for _, known := range []struct{ en, zh string }{
		{`^unknown flag ([^ ,]+), did you mean (?:one of )?(.+)\?$`, "没有 $1 这个选项，是否指 $2"},
		{`^unknown flag ([^ ,]+)`, "没有 $1 这个选项"},
		{`^unexpected argument ([^ ,]+), did you mean (?:one of )?(.+)\?$`, "多余的参数 $1，是否指 $2"},
		{`^unexpected argument (.+)`, "多余的参数 $1"},
		{`^missing flags: (.+)`, "缺少选项 $1"},
		{`^(.+) must be one of (.+) but got (.+)`, "$1 只能是 $2 之一，不能是 $3"},
		{`^(.+): expected .+ but got "EOL".*`, "$1 缺少值"},
		{`^(.+): expected .+ but got ("[^"]*"|[^ ]+).*`, "$1 的值 $2 格式不符"},
		{`^(.+): missing value.*`, "$1 缺少值"},
		{`^expected one of (.+)`, "缺少子命令，应为其中之一：$1"},
		{`^expected (.+)`, "缺少参数 $1"},
	} {
		if form := regexp.MustCompile(known.en); form.MatchString(text) {
			return form.ReplaceAllString(text, known.zh)
		}
	}
	return ""
}
