package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAProblemIsToldWhole: field, value, rule, detail and way out, whichever way its texts are
// written.
func TestAProblemIsToldWhole(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"title as an object": {
			`{"status":400,"title":{"zh":"参数无效","en":"A parameter is not valid"},"field":"at","value":"x","rule":{"zh":"应为日期","en":"a date"},"fix":{"zh":"请写成 2021-06-30","en":"write it like 2021-06-30"}}`,
			`at "x": 应为日期；请写成 2021-06-30 / a date; write it like 2021-06-30`,
		},
		"title as a string": {
			`{"status":400,"title":"参数无效 / A parameter is not valid","names":{"zh":"参数无效","en":"A parameter is not valid"},"field":"at","value":"x","rule":{"zh":"应为日期","en":"a date"},"fix":{"zh":"请写成 2021-06-30","en":"write it like 2021-06-30"}}`,
			`at "x": 应为日期；请写成 2021-06-30 / a date; write it like 2021-06-30`,
		},
		"no rule, names": {
			`{"status":404,"title":"没有找到 / It is not known","names":{"zh":"没有找到","en":"It is not known"},"fix":{"zh":"请核对","en":"check it"}}`,
			`没有找到；请核对 / It is not known; check it`,
		},
		"a rule without a field": {
			`{"status":503,"title":"账本正在启动 / The ledger is starting","rule":{"zh":"已读0条记录","en":"0 events are read"},"fix":{"zh":"请稍后重试","en":"try again in a moment"}}`,
			`账本正在启动；已读0条记录；请稍后重试 / The ledger is starting; 0 events are read; try again in a moment`,
		},
		"a title alone": {
			`{"status":503,"title":"账本正在启动 / The ledger is starting"}`,
			`账本正在启动 / The ledger is starting`,
		},
		"a title in one language": {`{"status":502,"title":"Bad Gateway"}`, `Bad Gateway`},
		"a detail": {
			`{"status":422,"title":"记录被拒绝 / The fact was refused","detail":"row 3 ends early","refusals":[{"field":"file","kind":"malformed","rule":{"zh":"文件无法读取","en":"the file cannot be read"},"fix":{"zh":"请重新保存","en":"save it again"}}]}`,
			`file: 文件无法读取；请重新保存 / the file cannot be read; row 3 ends early; save it again`,
		},
		"a detail that repeats the rule": {
			`{"status":422,"title":"记录被拒绝 / The fact was refused","detail":"/type: 必须填写 / /type: it is required","refusals":[{"field":"/type","kind":"missing","rule":{"zh":"必须填写","en":"it is required"},"fix":{"zh":"请补充","en":"give it"}},{"field":"/id","kind":"missing","rule":{"zh":"必须填写","en":"it is required"},"fix":{"zh":"请补充","en":"give it"}}]}`,
			"/type: 必须填写；请补充 / it is required; give it\n      /id: 必须填写；请补充 / it is required; give it",
		},
		"no problem document": {`<html>`, `502 Bad Gateway <html>`},
	} {
		require.Equal(t, c.want, problemText("502 Bad Gateway", []byte(c.body)).Error(), name)
	}
}
