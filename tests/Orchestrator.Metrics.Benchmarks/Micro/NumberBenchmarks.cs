using System.Globalization;
using BenchmarkDotNet.Attributes;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Benchmarks.Micro;

// The baseline is the shortest format of the runtime, whose notation differs.
[MemoryDiagnoser]
public class NumberBenchmarks
{
    private readonly byte[] _buffer = new byte[64];

    [Params(53.0, 6514.921, 6_720_000.0, 0.1 + 0.2)]
    public double Value { get; set; }

    [Benchmark(Baseline = true)]
    public int TryFormat()
    {
        Value.TryFormat(_buffer, out var written, default, CultureInfo.InvariantCulture);
        return written;
    }

    [Benchmark]
    public int WriteNumber() => NumberFormat.WriteGo(Value, _buffer);
}
