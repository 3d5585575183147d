// Reads delimited protobuf from a file with client_golang's decoder and prints it as Prometheus text.
package main

import (
	"fmt"
	"io"
	"os"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

func main() {
	file, err := os.Open(os.Args[1])
	exitOn(err)
	decoder := expfmt.NewDecoder(file, expfmt.FmtProtoDelim)
	for {
		var family dto.MetricFamily
		err := decoder.Decode(&family)
		if err == io.EOF {
			return
		}
		exitOn(err)
		_, err = expfmt.MetricFamilyToText(os.Stdout, &family)
		exitOn(err)
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
