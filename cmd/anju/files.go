package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/anju-ledger/anju/domain"
)

// unreadable says what is wrong with a file that a person named, and what to do.
func unreadable(path string, err error) error {
	inside := strings.TrimSuffix(path, "/") + "/*"
	why := domain.Text{ZH: "无法读取；请检查文件和权限", EN: "it cannot be read; check the file and its permissions"}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		why = domain.Text{ZH: "没有这个文件；请核对文件名和路径", EN: "there is no such file; check its name and path"}
	case errors.Is(err, syscall.EISDIR):
		why = domain.Text{ZH: "这是一个目录；请给出目录中的文件，如 " + inside, EN: "it is a directory; name the files in it, such as " + inside}
	case errors.Is(err, fs.ErrPermission):
		why = domain.Text{ZH: "没有读取权限；请检查文件权限", EN: "you may not read it; check its permissions"}
	}
	return fmt.Errorf("%s: %s / %s", path, why.ZH, why.EN)
}

// readFile reads a file that a person named.
func readFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return data, nil
}
