// A collector of const metrics, the type that client_golang offers for rows of a database. See PeerProgram.cs.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

var description = prometheus.NewDesc("wfo_process_count", "Number of processes.", []string{
	"created_by", "customer_id", "is_task", "last_status", "product_name", "workflow_name", "workflow_target"}, nil)

type row struct {
	labels []string
	value  float64
}

type rows []row

func (r rows) Describe(ch chan<- *prometheus.Desc) { ch <- description }

func (r rows) Collect(ch chan<- prometheus.Metric) {
	for _, row := range r {
		ch <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, row.value, row.labels...)
	}
}

func scrape(registry *prometheus.Registry, writer io.Writer) {
	families, err := registry.Gather()
	if err != nil {
		panic(err)
	}
	encoder := expfmt.NewEncoder(writer, expfmt.FmtText)
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			panic(err)
		}
	}
}

func read(name string) rows {
	text, err := os.ReadFile(name)
	if err != nil {
		panic(err)
	}
	var all rows
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		fields := strings.Split(line, "\t")
		value, err := strconv.ParseFloat(fields[7], 64)
		if err != nil {
			panic(err)
		}
		all = append(all, row{fields[:7], value})
	}
	return all
}

func main() {
	registry := prometheus.NewRegistry()
	registry.MustRegister(read(os.Args[1]))
	requests := bufio.NewScanner(os.Stdin)
	for requests.Scan() {
		var target io.Writer = io.Discard
		if strings.HasPrefix(requests.Text(), "write ") {
			file, err := os.Create(strings.TrimPrefix(requests.Text(), "write "))
			if err != nil {
				panic(err)
			}
			defer file.Close()
			target = file
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		scrape(registry, target)
		elapsed := time.Since(start)
		runtime.ReadMemStats(&after)
		fmt.Println(elapsed.Nanoseconds(), after.TotalAlloc-before.TotalAlloc)
	}
}
