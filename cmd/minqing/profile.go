//go:build profile

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// A program built with -tags profile notes what a server spends its processor time on, in
// a file of the folder that CPU_PROFILES names. scripts/profile.sh makes of such files
// what the compiler reads, default.pgo.
func init() {
	folder := os.Getenv("CPU_PROFILES")
	if folder == "" || len(os.Args) < 2 || os.Args[1] != "serve" {
		return
	}
	f, err := os.Create(filepath.Join(folder, fmt.Sprintf("%d.pprof", os.Getpid())))
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		panic(err)
	}
	atEnd = func() {
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			panic(err)
		}
	}
}
