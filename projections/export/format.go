package export

import (
	"encoding"
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// rowGroup is how many rows a Parquet row group holds: a reader takes one into memory at a time.
const rowGroup = 1 << 17

// newCodec makes the compression of one table's Parquet files. They share it: an encoder keeps megabytes of history,
// and there are no more encoders than goroutines that write, however many months.
func newCodec() *zstd.Codec { return &zstd.Codec{Level: zstd.SpeedFastest} }

// newRowWriter begins a file of a format.
func newRowWriter[R any](f Format, out io.Writer, codec *zstd.Codec) (rowWriter[R], error) {
	switch f {
	case CSV:
		return newCSV[R](out)
	case NDJSON:
		return &jsonWriter[R]{out: out}, nil
	case Parquet:
		return parquet.NewGenericWriter[R](out,
			parquet.Compression(codec),
			parquet.MaxRowsPerRowGroup(rowGroup),
			parquet.CreatedBy("anju", Version, "")), nil // no build in it: the same rows give the same bytes
	}
	return nil, fmt.Errorf("%w: %s", ErrFormat, f)
}

// csvWriter writes rows as CSV with a header.
type csvWriter[R any] struct {
	w       *csv.Writer
	columns []Column
	cells   []string
}

func newCSV[R any](out io.Writer) (*csvWriter[R], error) {
	c := &csvWriter[R]{w: csv.NewWriter(out), columns: columnsOf(reflect.TypeFor[R]())}
	for _, column := range c.columns {
		c.cells = append(c.cells, column.Name)
	}
	return c, c.w.Write(c.cells)
}

// Write implements rowWriter.
func (c *csvWriter[R]) Write(rows []R) (int, error) {
	for i := range rows {
		row := reflect.ValueOf(&rows[i]).Elem()
		for column := range c.cells {
			text, err := cell(row.Field(column), c.columns[column].Optional)
			if err != nil {
				return i, err
			}
			c.cells[column] = text
		}
		if err := c.w.Write(c.cells); err != nil {
			return i, err
		}
	}
	return len(rows), nil
}

// Close implements rowWriter.
func (c *csvWriter[R]) Close() error {
	c.w.Flush()
	return c.w.Error()
}

// cell is the text of a value; absent is empty.
func cell(v reflect.Value, optional bool) (string, error) {
	if optional && v.IsZero() {
		return "", nil
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		return string(text), err
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), nil
	case reflect.Slice: // of bytes: JSON
		return string(v.Bytes()), nil
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	}
	return strconv.FormatInt(v.Int(), 10), nil
}

// jsonWriter writes rows as lines of JSON.
type jsonWriter[R any] struct{ out io.Writer }

// Write implements rowWriter.
func (j *jsonWriter[R]) Write(rows []R) (int, error) {
	var lines []byte
	for i := range rows {
		line, err := json.Marshal(&rows[i])
		if err != nil {
			return i, err
		}
		lines = append(append(lines, line...), '\n')
	}
	if _, err := j.out.Write(lines); err != nil {
		return 0, err
	}
	return len(rows), nil
}

// Close implements rowWriter.
func (j *jsonWriter[R]) Close() error { return nil }
