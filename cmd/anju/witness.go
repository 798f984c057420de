package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/witness"
)

type witnessCommand struct {
	Dir    string   `required:"" type:"path" placeholder:"DIR" help:"The witness's folder; made when it is not there. 见证目录。"`
	Log    []string `required:"" sep:"none" placeholder:"KEY" help:"Public key of a ledger's stream, as \"anju book key\" prints it, or a file with one a line; may be repeated. 数据流公钥。"`
	Listen string   `default:"127.0.0.1:8421" placeholder:"ADDRESS" help:"Address of HTTP. HTTP 地址。"`
	Name   string   `placeholder:"NAME" help:"The witness's name in its key, at the first start; an address without scheme, such as witness.example/w1. 见证人名称。"`
}

// Help shows an example.
func (witnessCommand) Help() string {
	return `A witness cosigns a ledger's checkpoints, and of two histories only one: a ledger that was put back to an older state is noticed. Run it on another machine, in other hands than the ledger's. It speaks C2SP tlog-witness and keeps some hundred bytes a stream; its key is made at the first start. Never restore its folder from a copy: begin a new witness instead.

见证人为账本的检查点副署；同一账本只副署一种历史，账本被恢复到旧状态即可发现。请放在另一台机器、由账本运维者以外的人运行。

  anju witness --dir witness --log ANJU-52.key --listen 127.0.0.1:8421`
}

// How long a client of the witness may take.
const witnessWait = 10 * time.Second

// Run serves a witness until it is interrupted.
func (c witnessCommand) Run(s *session) (err error) {
	logs, err := keysOf(c.Log)
	if err != nil {
		return err
	}
	w, err := witness.Open(witness.Config{Dir: c.Dir, Name: c.Name, Logs: logs})
	if errors.Is(err, witness.ErrInUse) {
		return fmt.Errorf("见证目录正被另一进程使用：请先停止它 / a process holds the witness's folder: stop it first: %w", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	var of net.ListenConfig
	listener, err := of.Listen(s.ctx, "tcp", c.Listen)
	if err != nil {
		return taken(err, c.Listen, "--listen")
	}
	server := &http.Server{Handler: w.Handler(), ReadHeaderTimeout: witnessWait, ReadTimeout: witnessWait, WriteTimeout: witnessWait, IdleTimeout: idleWait}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Fprintf(s.out, "KEY   %s\nHTTP  http://%s\n", w.Key(), listener.Addr())
	select {
	case err = <-ended:
		return err
	case <-s.ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), stopWait)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(err, server.Close())
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// keysOf reads public keys, each as it stands or a file with one a line.
func keysOf(values []string) (keys []string, err error) {
	for _, value := range values {
		if looksLikeKey(value) {
			keys = append(keys, value)
			continue
		}
		text, err := os.ReadFile(value)
		if err != nil {
			return nil, fmt.Errorf("%q 不是公钥，也不是含公钥的文件 / is no public key and no file of public keys: %w", value, err)
		}
		for _, line := range strings.Fields(string(text)) {
			if !looksLikeKey(line) {
				return nil, fmt.Errorf("%q: 每行应为一个公钥 <名称>+<8位十六进制>+<base64> / each line is a public key <name>+<8 hex digits>+<base64>", value)
			}
			keys = append(keys, line)
		}
	}
	return keys, nil
}

// looksLikeKey says that a text is the public key of a log or of a witness.
func looksLikeKey(text string) bool {
	_, notLog := note.NewVerifier(text)
	_, notWitness := book.ParseWitnessKey(text)
	return notLog == nil || notWitness == nil
}
