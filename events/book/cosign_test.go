package book

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A checkpoint as a public log published it in 2026, with the cosignatures of public witnesses.
const publicCheckpoint = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`

// publicWitnesses are the published keys of three of them.
func publicWitnesses(t testing.TB) (keys []WitnessKey) {
	for _, text := range []string{
		"remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
		"witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
		"witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
	} {
		k, err := ParseWitnessKey(text)
		require.NoError(t, err)
		require.Equal(t, text, k.String())
		keys = append(keys, k)
	}
	return keys
}

func TestCosignaturesOfPublicWitnessesHold(t *testing.T) {
	keys := publicWitnesses(t)
	all, err := CheckWitnessed([]byte(publicCheckpoint), keys, 3)
	require.NoError(t, err)
	for _, c := range all {
		require.Equal(t, time.Unix(0x6a122120, 0).UTC(), c.At)
		require.Contains(t, publicCheckpoint, c.Line)
	}
	_, err = CheckWitnessed([]byte(strings.Replace(publicCheckpoint, "1432088532", "1432088533", 1)), keys, 1)
	require.ErrorIs(t, err, ErrCosignature)
	t.Run("a witness that is named twice counts once", func(t *testing.T) {
		_, err := CheckWitnessed([]byte(publicCheckpoint), []WitnessKey{keys[0], keys[0]}, 2)
		require.ErrorIs(t, err, ErrCosignature)
	})
	t.Run("a wrong cosignature of one leaves the others", func(t *testing.T) {
		wrong := strings.Replace(publicCheckpoint, "2net5wAAAABqEiEg", "2net5wAAAABqEiEh", 1)
		all := Cosignatures([]byte(wrong), keys)
		require.Len(t, all, 2)
	})
}

func TestACosignerSignsAsTheTextSays(t *testing.T) {
	seed, err := hex.DecodeString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
	require.NoError(t, err) // RFC 8032, 7.1, test 1
	c, err := NewCosigner("witness.example/w1", seed)
	require.NoError(t, err)
	sameAsGolden(t, "witness_key.golden", []byte(c.String()+"\n"))
	checkpoint, err := NewKey(seed).Sign("example.com/log", Head{Size: 7})
	require.NoError(t, err)
	text, origin, err := CheckpointText(checkpoint)
	require.NoError(t, err)
	require.Equal(t, "example.com/log", origin)
	mine := c.Cosign(text, time.Unix(1679315147, 5))
	sameAsGolden(t, "cosigned.golden", append(bytes.Clone(checkpoint), mine.Line...))

	got, err := CosignatureOf(append(bytes.Clone(checkpoint), mine.Line...), c.WitnessKey)
	require.NoError(t, err)
	require.Equal(t, mine, got)
	_, err = OpenCheckpoint(append(bytes.Clone(checkpoint), mine.Line...), mustVerifier(t, NewKey(seed), "example.com/log"))
	require.NoError(t, err, "the log's own signature still holds")
	other, err := NewCosigner("witness.example/w2", seed)
	require.NoError(t, err)
	_, err = CosignatureOf(append(bytes.Clone(checkpoint), mine.Line...), other.WitnessKey)
	require.ErrorIs(t, err, ErrCosignature)
	require.True(t, c.Same(other.WitnessKey))
}

func sameAsGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

func mustVerifier(t testing.TB, k Key, origin string) string {
	v, err := k.Verifier(origin)
	require.NoError(t, err)
	return v
}

func TestWhatIsNoWitnessKeyIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "w", "w+00000000", "w+00000000+", "w+12345678+AwEB",
		"remora.n621.de+da77ade8+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
		"remora.n621.de+DA77ADE7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
		"remora n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
		"example.com/log+8ec9ba33+AddaADsJzgwRJGnDuk4xqUBVzpfbDbRM2R2pSvCmu3wo", // a log's
	} {
		_, err := ParseWitnessKey(text)
		require.ErrorIs(t, err, ErrWitnessKey, text)
	}
	_, err := NewCosigner("a b", make([]byte, 32))
	require.ErrorIs(t, err, ErrWitnessKey)
}

func FuzzParseWitnessKey(f *testing.F) {
	f.Add("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")
	f.Add("w+00000000+BA==")
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := ParseWitnessKey(text); err == nil {
			require.Equal(t, text, k.String())
		}
	})
}

func FuzzCosignatureOf(f *testing.F) {
	keys := publicWitnesses(f)
	f.Add([]byte(publicCheckpoint))
	f.Add([]byte("a\n1\n\n\n— a b\n"))
	f.Fuzz(func(t *testing.T, checkpoint []byte) {
		for _, c := range Cosignatures(checkpoint, keys) {
			require.Contains(t, string(checkpoint), strings.TrimSuffix(c.Line, "\n"))
		}
		if text, origin, err := CheckpointText(checkpoint); err == nil {
			require.True(t, bytes.HasPrefix(checkpoint, text))
			require.True(t, strings.HasPrefix(string(text), origin))
		}
	})
}
