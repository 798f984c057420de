package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestALedgerIsProvedVerifiedAndRepaired is an operator's and an inspector's hour with the book.
func TestALedgerIsProvedVerifiedAndRepaired(t *testing.T) {
	register := strings.SplitAfter(twoEvents, "\n")[0]
	two := register + strings.NewReplacer("register/1", "register/2", "0001", "0002").Replace(register)
	dir, out := filepath.Join(t.TempDir(), "county"), t.TempDir()
	events := filepath.Join(out, "events.ndjson")
	require.NoError(t, os.WriteFile(events, []byte(two), 0o600))
	code, _, message := anju(t, "record", "--dir", dir, "--department", "rural", "--division", "520603", events)
	require.Equal(t, exitDone, code, message)
	code, text, message := anju(t, "verify", "--dir", dir)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, text, "一致 agrees")

	code, key, _ := anju(t, "book", "key", "--dir", dir, "ANJU-52")
	require.Equal(t, exitDone, code)
	keyFile, proofFile := filepath.Join(out, "key"), filepath.Join(out, "event.tlog-proof")
	require.NoError(t, os.WriteFile(keyFile, []byte(key), 0o600))
	code, proof, message := anju(t, "prove", "--dir", dir, "ANJU-52:1")
	require.Equal(t, exitDone, code, message)
	require.NoError(t, os.WriteFile(proofFile, []byte(proof), 0o600))
	code, text, message = anju(t, "verify", "proof", "--key", keyFile, proofFile)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, text, "ANJU-52:1  household.registered")
	require.NoError(t, os.WriteFile(proofFile, []byte(strings.Replace(proof, "index 0", "index 1", 1)), 0o600))
	code, _, message = anju(t, "verify", "proof", "--key", strings.TrimSpace(key), proofFile)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, message, "证明不成立")
	require.Contains(t, message, "proves nothing")
	require.NotContains(t, message, "see above")
	code, _, message = anju(t, "verify", "proof", "--key", strings.TrimSpace(key), events)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, message, "the file is no proof")
	require.NotContains(t, message, "see above")

	code, _, message = anju(t, "book", "export", "--dir", dir, filepath.Join(out, "book"))
	require.Equal(t, exitDone, code, message)
	require.FileExists(t, filepath.Join(out, "book", "ANJU-52", "tile", "entries", "000.p", "2"))
	code, _, _ = anju(t, "book", "export", "--dir", dir, filepath.Join(out, "book"))
	require.Equal(t, exitFailed, code)

	block := filepath.Join(dir, "jetstream", "jetstream", "$G", "streams", "ANJU-52", "msgs", "1.blk")
	raw, err := os.ReadFile(block)
	require.NoError(t, err)
	at := strings.Index(string(raw), `"category":"poor"`)
	require.Positive(t, at)
	raw[at+12] ^= 1
	require.NoError(t, os.WriteFile(block, raw, 0o600))
	code, text, _ = anju(t, "verify", "--dir", dir, "--json")
	require.Equal(t, exitDiffers, code)
	require.Contains(t, text, `"kind":"altered","in":"stream","from":1,"to":1`)
	require.True(t, strings.HasSuffix(text, "}\n"), "a line")
	code, _, message = anju(t, "repair", "--dir", dir, "ANJU-52")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "--yes")
	code, text, message = anju(t, "repair", "--dir", dir, "--yes", "ANJU-52")
	require.Equal(t, exitDone, code, message)
	require.Contains(t, text, "已重建 repaired")
	code, _, _ = anju(t, "verify", "--dir", dir)
	require.Equal(t, exitDone, code)
	code, proof, _ = anju(t, "prove", "--dir", dir, "ANJU-52:1")
	require.Equal(t, exitDone, code)
	require.NoError(t, os.WriteFile(proofFile, []byte(proof), 0o600))
	code, _, _ = anju(t, "verify", "proof", "--key", keyFile, proofFile)
	require.Equal(t, exitDone, code)
}
