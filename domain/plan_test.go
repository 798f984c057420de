package domain

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryPayloadIsPackedAsReflectReadsIt packs every type's sample, and reads it back twice into
// one struct: what a fold needs is there, field by field, and nothing of another fact stays.
func TestEveryPayloadIsPackedAsReflectReadsIt(t *testing.T) {
	for _, k := range Kinds() {
		sample := reflect.ValueOf(k.Sample).Elem()
		var texts table
		packed := k.plan().pack(nil, &texts, sample.Addr().UnsafePointer())
		var names symbols
		few, more := texts.added()
		for _, v := range append(few, more...) {
			names = binaryAppend(names, v)
		}
		got := reflect.ValueOf(k.New()).Elem()
		empty := k.plan().pack(nil, &table{}, got.Addr().UnsafePointer())
		for range 2 {
			u := unpacker{b: packed, t: names}
			u.unpack(k.plan(), got.Addr().UnsafePointer())
			require.Empty(t, u.b, k.Name)
			requireFolded(t, k.Name, k.Fields(), sample, got)
		}
		u := unpacker{b: empty}
		u.unpack(k.plan(), got.Addr().UnsafePointer())
		require.Equal(t, empty, k.plan().pack(nil, &table{}, got.Addr().UnsafePointer()), k.Name)
	}
}

func binaryAppend(t symbols, v uint64) symbols {
	for shift := 56; shift >= 0; shift -= 8 {
		t = append(t, byte(v>>shift))
	}
	return t
}

// requireFolded compares what a fold needs of two payloads.
func requireFolded(t *testing.T, name string, fields []Field, want, got reflect.Value) {
	t.Helper()
	for i := range fields {
		f := &fields[i]
		at := name + "/" + f.Name
		w, g := want.Field(f.index), got.Field(f.index)
		switch {
		case f.Class == Personal:
			require.Equal(t, w.Field(0).Interface().(Box).Tag, g.Field(0).Interface().(Box).Tag, at)
		case f.Class == Sensitive:
			require.Equal(t, w.Field(0).Interface(), g.Field(0).Interface(), at)
		case f.Type == TextField && !f.Fold:
			require.True(t, g.IsZero(), at)
		case f.Type == ObjectField && f.List:
			require.Equal(t, w.Len(), g.Len(), at)
			for n := range w.Len() {
				requireFolded(t, at, f.Children, w.Index(n), g.Index(n))
			}
		case f.Type == ObjectField:
			requireFolded(t, at, f.Children, w, g)
		default:
			require.Equal(t, w.Interface(), g.Interface(), at)
		}
	}
}

// TestAFileIsEmptiedWhole fills every register of a file and folds nothing into it.
func TestAFileIsEmptiedWhole(t *testing.T) {
	var f File
	v := reflect.ValueOf(&f).Elem()
	for i := range v.NumField() {
		if field := v.Field(i); field.Kind() == reflect.Slice && field.CanSet() {
			field.Set(reflect.MakeSlice(field.Type(), 1, 1))
		}
	}
	Register(nil).Fold(&f)
	for i := range v.NumField() {
		if field := v.Field(i); field.Kind() == reflect.Slice && field.CanSet() {
			require.Zero(t, field.Len(), v.Type().Field(i).Name)
		}
	}
}
