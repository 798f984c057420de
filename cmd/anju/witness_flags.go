package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

// witnessFlags name the witnesses that a ledger asks.
type witnessFlags struct {
	Witness         []string `sep:"none" placeholder:"URL=KEY" help:"Ask this witness to cosign the checkpoints, and what it has seen; KEY as \"anju witness\" prints it, or a file with it. May be repeated. 见证人。"`
	WitnessesNeeded int      `name:"witnesses-needed" placeholder:"K" help:"So many of them must cosign; default: a majority. 所需见证人数。"`
}

// witnesses reads the flags: an address, "=" and a key, which may hold further ones.
func (f witnessFlags) witnesses() (all []events.Witness, err error) {
	for _, value := range f.Witness {
		address, key, found := strings.Cut(value, "=")
		if !found {
			return nil, fmt.Errorf("--witness %q 应写作 URL=KEY / is written URL=KEY", value)
		}
		keys, err := keysOf([]string{key})
		if err != nil {
			return nil, err
		}
		if len(keys) != 1 {
			return nil, fmt.Errorf("--witness %q 应只有一个公钥 / names one key", value)
		}
		all = append(all, events.Witness{URL: address, Key: keys[0]})
	}
	return all, nil
}

// cosigned checks the cosignatures that are asked for.
func (c verifyProofCommand) cosigned(p *book.Proof) ([]book.Cosignature, error) {
	keys, err := keysOf(c.Witness)
	if err != nil {
		return nil, err
	}
	needed := c.WitnessesNeeded
	switch {
	case len(keys) == 0 && needed == 0:
		return nil, nil
	case needed < 0 || needed > len(keys):
		return nil, fmt.Errorf("--witnesses-needed %d：应为 1 至 %d / is 1 to %d, the number of keys", needed, len(keys), len(keys))
	case needed == 0:
		needed = len(keys)/2 + 1
	}
	all, err := events.CheckWitnessed(p, keys, needed)
	if errors.Is(err, book.ErrCosignature) {
		return nil, fmt.Errorf("%w: %w（刚记录的事件约一秒后才获副署，可重新取证 / an event is witnessed about a second after it was recorded: ask for the proof again）", errDiffers, err)
	}
	return all, err
}

// witnessing is its part about witnesses.
type witnessing struct {
	Needed    int `json:"needed"`
	Witnesses []struct {
		Name    string `json:"name"`
		At      string `json:"at"`
		Problem string `json:"problem"`
	} `json:"witnesses"`
	Streams []struct {
		Stream    string `json:"stream"`
		Signed    uint64 `json:"signed"`
		Witnessed uint64 `json:"witnessed"`
		At        string `json:"at"`
	} `json:"streams"`
	Alarm string `json:"alarm"`
}

func printWitnessing(s *session, w *witnessing) {
	fmt.Fprintln(s.out)
	t := newTable([]string{"数据流 stream", "已签名 signed", "已见证 witnessed", "时间 at"}, 1, 2)
	for _, st := range w.Streams {
		t.add(st.Stream, grouped(int(st.Signed)), grouped(int(st.Witnessed)), orDash(st.At))
	}
	t.write(s.out)
	t = newTable([]string{"见证人 witness", "最近应答 last answer", "时间 at"})
	for _, one := range w.Witnesses {
		answer := one.Problem
		if answer == "" {
			answer = "已副署 cosigned"
		}
		t.add(one.Name, answer, orDash(one.At))
	}
	t.write(s.out)
	if w.Alarm != "" {
		fmt.Fprintf(s.out, "未获见证 unwitnessed: %s\n", w.Alarm)
	}
}

// orDash writes "-" for nothing.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
