// Command anju runs and asks the ledger of follow-up support for relocated households.
//
// Each command stands in a file of its own and is a method Run(*session) error, so that tests run
// it in memory. Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 a verification
// found something.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/seen"
	"github.com/anju-ledger/anju/projections/export"
)

// The exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitDiffers = 3 // a verification found something
)

// session is what a command may use of the world.
type session struct {
	ctx      context.Context
	in       io.Reader
	out      io.Writer
	err      io.Writer
	terminal terminals
	now      func() time.Time // for progress bars only; nil = time.Now
	lang     string           // of sentences: zh or en
	state    string           // the file of remembered checkpoints; "" remembers nothing
	json     bool
	unbooked bool              // a served ledger keeps no book: for a bench
	steps    func(step string) // told what a served ledger does next, in tests; nil otherwise
}

// terminals says which of the three streams are a terminal, with a person before it.
type terminals struct{ in, out, err bool }

// commands is the command line.
type commands struct {
	JSON    bool             `name:"json" help:"Print JSON, the very body of the HTTP answer. 输出 JSON。"`
	Lang    string           `enum:"zh,en,auto" default:"auto" help:"Language of sentences, zh or en; by default that of LC_ALL or LANG, otherwise zh. 语言。"`
	Version kong.VersionFlag `help:"Print the version. 版本。"`

	Demo          demoCommand          `cmd:"" help:"演示 · Import the sample county into a fresh folder and show it."`
	Serve         serveCommand         `cmd:"" help:"启动服务 · Serve a ledger over HTTP and NATS."`
	Import        importCommand        `cmd:"" help:"导入文件 · Import departments' files (XLSX, CSV)."`
	Record        recordCommand        `cmd:"" help:"记录事件 · Record events (JSON)."`
	Void          voidCommand          `cmd:"" help:"撤销导入 · Undo an import: void all of its events."`
	Undo          undoCommand          `cmd:"" help:"撤销 · Take back a split or a move, with a choice of address."`
	Board         boardCommand         `cmd:"" help:"看板 · Print the board of a division."`
	Households    householdsCommand    `cmd:"" help:"户列表 · List households by division, state, level or what is overdue."`
	Discrepancies discrepanciesCommand `cmd:"" help:"矛盾 · List what does not fit together, and who can settle it."`
	Diff          diffCommand          `cmd:"" help:"比较 · Compare a division between two days, or what was known at two moments."`
	Targets       targetsCommand       `cmd:"" help:"目标 · List targets of a division, and how far they are reached."`
	Ask           askCommand           `cmd:"" help:"常设问题 · Answer one of the thirty standing questions."`
	Status        statusCommand        `cmd:"" help:"户状态 · Print a household's status."`
	Timeline      timelineCommand      `cmd:"" help:"时间线 · Print what was recorded of a household, person or community."`
	Person        personCommand        `cmd:"" help:"人 · Print what is known of a person."`
	Community     communityCommand     `cmd:"" help:"社区 · Print what is known of a resettlement community."`
	Lookup        lookupCommand        `cmd:"" help:"查编号 · Find the id behind an official number."`
	Views         viewsCommand         `cmd:"" help:"参数集 · Parameter sets: build views by another one, compare, switch, drop."`
	Replay        replayCommand        `cmd:"" help:"重放 · Print events, as they stand in the log, one a line."`
	Ledger        ledgerCommand        `cmd:"" help:"账本 · Print the streams, their positions and alarms."`
	Prove         proveCommand         `cmd:"" help:"证明 · Print the proof that an event is in the ledger."`
	Verify        verifyCommand        `cmd:"" help:"核对 · Compare the ledger with its book, or check a proof."`
	Repair        repairCommand        `cmd:"" help:"修复 · Make a damaged stream again from its book."`
	Book          bookCommand          `cmd:"" help:"账册 · Public keys and static copies of the book."`
	Witness       witnessCommand       `cmd:"" help:"见证 · Cosign a ledger's checkpoints, so that one put back to an older state is noticed."`
	Export        exportCommand        `cmd:"" help:"导出 · Write tables as Parquet, CSV, NDJSON or OCEL, with a manifest."`
	Restore       restoreCommand       `cmd:"" help:"恢复 · Give a ledger that was put back to an older state a new origin, for everybody to see."`
	Forget        forgetCommand        `cmd:"" help:"销毁密钥 · Destroy a person's key: his sealed fields can never be read again."`
	Simulate      simulateCommand      `cmd:"" help:"模拟 · Record simulated histories of households."`
	Bench         benchCommand         `cmd:"" help:"测速 · Measure speed and memory beside raw figures."`
	Kinds         kindsCommand         `cmd:"" help:"事实类型 · List the types of facts that can be recorded."`
	Schema        schemaCommand        `cmd:"" help:"字段 · Print the JSON Schema of a type's payload."`
}

// about is what the help begins with.
const about = `安居 · the ledger of follow-up support for relocated households (易地扶贫搬迁后续扶持)

Commands ask a running server ("anju serve"), or with --dir open a folder themselves.

命令默认访问运行中的服务；加 --dir 直接打开账本目录。

Exit codes / 退出码: 0 done 完成, 1 refused or failed 未通过, 2 wrong usage 用法有误, 3 a verification found something 核对不符.`

func main() {
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error to be handled: see outlet
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // the first signal stops cleanly; a second one ends at once
	isTerminal := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	code := run(&session{
		ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr, lang: languageOf(os.Getenv), state: stateOf(os.Getenv, os.UserConfigDir),
		terminal: terminals{isTerminal(os.Stdin), isTerminal(os.Stdout), isTerminal(os.Stderr)},
	}, os.Args[1:])
	stop()
	os.Exit(code)
}

// outlet is a command's output. When whoever reads it has gone, as behind "| head", the command
// ends, quietly.
type outlet struct {
	to   io.Writer
	gone bool
	stop context.CancelFunc
}

// Write implements io.Writer.
func (o *outlet) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		o.gone = true
		o.stop()
	}
	return n, err
}

// errHelped ends parsing after the help was printed.
var errHelped = errors.New("help was printed")

// run parses and runs one command line and returns its exit code.
func run(s *session, args []string) (code int) {
	var c commands
	parser, err := kong.New(&c, kong.Name("anju"), kong.Description(about), kong.Vars{"version": version()},
		kong.Writers(s.out, s.err), kong.Exit(func(int) { panic(errHelped) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: lineColumns}))
	if err != nil {
		fmt.Fprintln(s.err, "anju:", err)
		return exitUsage
	}
	defer func() {
		if stopped := recover(); stopped != nil && stopped != errHelped {
			panic(stopped)
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
		defer func() { code = exitUsage }()
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return wrongUsage(s, err)
	}
	s.json = c.JSON
	if c.Lang != "auto" {
		s.lang = c.Lang
	}
	ctx, stop := context.WithCancel(s.ctx)
	defer stop()
	out := &outlet{to: s.out, stop: stop}
	s.ctx, s.out = ctx, out
	err = parsed.Run(s)
	switch {
	case out.gone:
		return exitDone
	case errors.Is(err, errDiffers), errors.Is(err, export.ErrDiffers), errors.Is(err, book.ErrProof), errors.Is(err, seen.ErrChanged):
		fmt.Fprintln(s.err, "anju:", err)
		return exitDiffers
	case err != nil:
		fmt.Fprintln(s.err, "anju:", err)
		return exitFailed
	}
	return exitDone
}
