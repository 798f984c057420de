// Command anju runs and asks the ledger of follow-up support for relocated households.
//
// Each command stands in a file of its own and is a method Run(*session) error, so that tests run
// it in memory. Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// session is what a command may use of the world.
type session struct {
	ctx  context.Context
	in   io.Reader
	out  io.Writer
	err  io.Writer
	json bool
}

// commands is the command line.
type commands struct {
	JSON bool `name:"json" help:"Print JSON instead of a table."`

	Demo       demoCommand       `cmd:"" help:"Import the sample county into a fresh folder and show it."`
	Serve      serveCommand      `cmd:"" help:"Serve a ledger over HTTP and NATS."`
	Record     recordCommand     `cmd:"" help:"Record events."`
	Import     importCommand     `cmd:"" help:"Import departments' files; shows what would be recorded unless confirmed."`
	Status     statusCommand     `cmd:"" help:"Print a household's status."`
	Board      boardCommand      `cmd:"" help:"Print the board of a division."`
	Timeline   timelineCommand   `cmd:"" help:"Print what was recorded of a household."`
	Households householdsCommand `cmd:"" help:"List households by division, state, level or what is overdue."`
	Lookup     lookupCommand     `cmd:"" help:"Find the id behind an official number."`
	Forget     forgetCommand     `cmd:"" help:"Destroy a person's key: his sealed fields can never be read again."`
	Replay     replayCommand     `cmd:"" help:"Print events, as they stand in the log, one a line."`
	Ledger     ledgerCommand     `cmd:"" help:"Print the streams, their positions and alarms."`
	Kinds      kindsCommand      `cmd:"" help:"List the types of facts that can be recorded."`
	Schema     schemaCommand     `cmd:"" help:"Print the JSON Schema of a type's payload."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // both stop cleanly
	code := run(&session{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// errHelped ends parsing after the help was printed.
var errHelped = errors.New("help was printed")

// run parses and runs one command line and returns its exit code.
func run(s *session, args []string) (code int) {
	var c commands
	parser, err := kong.New(&c, kong.Name("anju"), kong.Description("安居 · the ledger of follow-up support for relocated households"),
		kong.Writers(s.out, s.err), kong.Exit(func(int) { panic(errHelped) }))
	if err != nil {
		fmt.Fprintln(s.err, "anju:", err)
		return exitUsage
	}
	defer func() {
		if stopped := recover(); stopped != nil && stopped != errHelped {
			panic(stopped)
		}
	}()
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(s.err, "anju:", err)
		fmt.Fprintln(s.err, "Run \"anju --help\" for the commands. / 用 \"anju --help\" 查看命令。")
		return exitUsage
	}
	s.json = c.JSON
	if err := parsed.Run(s); err != nil {
		fmt.Fprintln(s.err, "anju:", err)
		return exitFailed
	}
	return exitDone
}
