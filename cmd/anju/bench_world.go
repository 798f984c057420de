package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// boardShare is the part of the population, one in fifteen, that lives in the county whose board is measured:
// 20,000 of 300,000.
const boardShare = 15

// countyHouseholds is the size of the other counties.
const countyHouseholds = 14_000

// childWait bounds the start and the stop of a server of its own.
const childWait = 15 * time.Minute

// world is the simulated population, recorded in a folder, and the views of it once opened here.
type world struct {
	dir    string
	load   simulationReport
	kept   bool // it was recorded by an earlier bench
	counts worldCounts
	ledger *events.Ledger
	views  *projections.Views
	ids    []domain.Entity // households, of the views
}

// worldCounts are what the loading of the population measured.
type worldCounts struct {
	empty     int64 // bytes resident of a server without events
	loaded    int64 // after the population was recorded
	quiet     int64 // and after nothing was recorded for a while
	restarted int64 // after a clean stop and a start
	restart   time.Duration
}

// population is the simulated counties: one of 20,000 households and others of 14,000 at full
// scale, all of one province.
func (b *bench) population() []*sample.County {
	left := b.c.Households
	counties := []*sample.County{sample.NewCounty(benchCounty, 1, max(left/boardShare, 1))}
	left -= counties[0].Households
	for _, city := range benchCounty.Province().Children() {
		for _, county := range city.Children() {
			if left > 0 && county != benchCounty {
				n := min(left, countyHouseholds)
				counties = append(counties, sample.NewCounty(county, 1, n))
				left -= n
			}
		}
	}
	return counties
}

// largePopulation is from how many households on a server's memory is measured at rest too:
// quietAfter is when it has given back what it needed for the load.
const (
	largePopulation = 10_000
	quietAfter      = time.Duration(blocksIdle+2) * tunedEvery
)

// recordWorld records the population through the door of a server of its own, once, and measures
// that server.
func (b *bench) recordWorld() (*world, error) {
	if b.world != nil {
		return b.world, nil
	}
	w := &world{dir: b.folder("world")}
	if b.c.World != "" {
		w.dir = filepath.Join(b.c.World, "ledger")
		if there, err := b.keptWorld(w); there || err != nil {
			return w, err
		}
	}
	empty, err := b.serve(b.folder("empty"))
	if err != nil {
		return nil, err
	}
	w.counts.empty, err = empty.resident()
	if err := errors.Join(err, empty.stop()); err != nil {
		return nil, err
	}
	b.tell("recording %d simulated households", b.c.Households)
	loading, err := b.serve(w.dir)
	if err != nil {
		return nil, err
	}
	bar := b.s.meter("模拟 simulating", int64(b.c.Households))
	w.load, err = simulate(b.s.ctx, &httpSink{base: loading.url, client: newSinkClient()}, b.population(), bar.set)
	bar.end()
	if err == nil {
		err = loading.caughtUp(b.s)
	}
	if err == nil {
		w.counts.loaded, err = loading.resident()
	}
	if err == nil && b.c.Households >= largePopulation {
		time.Sleep(quietAfter)
		w.counts.quiet, err = loading.resident()
	}
	if err := errors.Join(err, loading.stop()); err != nil {
		return nil, err
	}
	b.world = w
	return w, b.keepWorld(w)
}

// keptReport is the file, beside a population that is kept, of how it was recorded: written when it is whole.
const keptReport = "population.json"

// keptWorld finds a population that was recorded before, of the same size.
func (b *bench) keptWorld(w *world) (there bool, err error) {
	text, err := os.ReadFile(filepath.Join(b.c.World, keptReport))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(w.dir); err == nil {
			return false, fmt.Errorf("%s 中的模拟户没有记录完整：请删除该目录 / the population in %s was not recorded whole: delete the folder", b.c.World, b.c.World)
		}
		return false, os.MkdirAll(b.c.World, 0o700)
	}
	if err == nil {
		err = json.Unmarshal(text, &w.load)
	}
	if err != nil {
		return false, err
	}
	if w.load.Households != b.c.Households {
		return false, fmt.Errorf("%s 中有 %d 户：请用 --households %d，或另选目录 / it holds %d households: ask with --households %d, or name another folder",
			b.c.World, w.load.Households, w.load.Households, w.load.Households, w.load.Households)
	}
	w.kept, b.world = true, w
	return true, nil
}

// keepWorld notes that a population is whole, where it is kept.
func (b *bench) keepWorld(w *world) error {
	if b.c.World == "" {
		return nil
	}
	text, err := json.Marshal(&w.load)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.c.World, keptReport), text, 0o600)
}

// restartWorld starts a server on the recorded population and measures it.
func (b *bench) restartWorld(w *world) error {
	began := time.Now()
	again, err := b.serve(w.dir)
	if err != nil {
		return err
	}
	w.counts.restart = time.Since(began)
	if err = again.caughtUp(b.s); err == nil {
		w.counts.restarted, err = again.resident()
	}
	return errors.Join(err, again.stop())
}

// openWorld opens the recorded population in this process.
func (b *bench) openWorld() (*world, error) {
	w, err := b.recordWorld()
	if err != nil || w.ledger != nil {
		return w, err
	}
	if w.ledger, err = events.Open(b.s.ctx, events.Config{Dir: w.dir, Port: -1}); err != nil {
		return nil, err
	}
	return w, nil
}

// worldViews returns the views of the population, everything made that a board needs.
func (b *bench) worldViews() (*world, error) {
	w, err := b.openWorld()
	if err != nil || w.views != nil {
		return w, err
	}
	if w.views, err = b.resume(w); err != nil {
		return nil, err
	}
	w.ids = w.views.Households()
	return w, nil
}

// resume makes views from the snapshot that the server left when it was stopped.
func (b *bench) resume(w *world) (*projections.Views, error) {
	return b.views(w, projections.Keep{Safe: w.ledger, Path: filepath.Join(w.dir, viewsSnapshot)})
}

// rebuild makes views from the whole log.
func (b *bench) rebuild(w *world) (*projections.Views, error) { return b.views(w, projections.Keep{}) }

// views makes views of the population and what boards read.
func (b *bench) views(w *world, keep projections.Keep) (*projections.Views, error) {
	views := projections.Resume(w.ledger, events.Opener{Ring: w.ledger.Ring()}, domain.DefaultParameters(), keep)
	if aside := views.Aside(); aside != nil && !w.kept { // a kept population may have the snapshot of an older program: all is read from the log
		views.Close()
		return nil, aside
	}
	if err := views.CaughtUp(b.s.ctx); err != nil {
		views.Close()
		return nil, err
	}
	if _, err := views.Board(benchCounty.Province(), historyEnd); err != nil {
		views.Close()
		return nil, err
	}
	return views, nil
}

// leaveWorld closes what is open.
func (b *bench) leaveWorld() error {
	if b.world == nil || b.world.ledger == nil {
		return nil
	}
	if b.world.views != nil {
		b.world.views.Close()
	}
	return b.world.ledger.Close()
}

// The histories of the sample end on this day; questions ask about days up to it.
var (
	historyEnd   = domain.MakeDay(2022, 12, 31)
	historyBegin = domain.MakeDay(2019, 2, 1)
)

// recentDays is how far back a recent day lies at most.
const recentDays = 90

func dayBetween(from, to domain.Day) domain.Day {
	return from + domain.Day(rand.IntN(int(to-from)+1))
}

// servant is a server in a process of its own.
type servant struct {
	cmd *exec.Cmd
	url string
}

// serve starts "anju serve" on a folder and returns when it answers.
func (b *bench) serve(dir string) (*servant, error) {
	cmd := exec.CommandContext(b.s.ctx, b.child[0], append(b.child[1:], "serve", "--dir", dir, "--listen", "127.0.0.1:0", "--nats-port", "0")...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = childWait
	cmd.Env = append(os.Environ(), asCommand+"=1")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	v := &servant{cmd: cmd}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, url, found := strings.Cut(lines.Text(), "http://"); found {
			v.url = "http://" + strings.Fields(url)[0]
			return v, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("the server does not start: %.500s", complaint.String()), cmd.Wait())
}

// asCommand tells a test binary that it is to run a command line.
const asCommand = "ANJU_AS_COMMAND"

// caughtUp waits until the server's views have everything that is recorded, and made of it what
// boards need.
func (v *servant) caughtUp(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, childWait)
	defer cancel()
	asking := *s
	asking.ctx = ctx
	look := time.NewTicker(lagLook)
	defer look.Stop()
	for {
		var board struct {
			Lag map[string]uint64 `json:"lag"`
		}
		q := get(v.url+"/v1/divisions/"+string(benchCounty.Province())+"/board", map[string]string{"at": historyEnd.String()})
		if err := fetch(&asking, q, &board); err != nil {
			return err
		}
		lag := uint64(0)
		for _, n := range board.Lag {
			lag += n
		}
		if lag == 0 {
			return nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// lagLook is how often a server is asked whether its views have caught up: seldom, since it has
// that to do.
const lagLook = 500 * time.Millisecond

// resident returns the bytes of memory that the server occupies.
func (v *servant) resident() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", v.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("the memory of a process is measured on Linux: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("no VmRSS in /proc")
}

// stop ends the server cleanly and waits for it.
func (v *servant) stop() error {
	if err := v.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return v.cmd.Wait()
}
