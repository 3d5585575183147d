using System.Text;
using BenchmarkDotNet.Attributes;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Benchmarks.Micro;

// The baseline escapes nothing.
[MemoryDiagnoser]
public class LabelValueBenchmarks
{
    private readonly byte[] _buffer = new byte[1024];

    [Params("True", "completed", "8d3f6f0e-1a2b-4c3d-9e8f-000000000001", "Straße 5 \\ \"Süd\"")]
    public string Value { get; set; } = "";

    [Benchmark(Baseline = true)]
    public int GetBytes() => Encoding.UTF8.GetBytes(Value, _buffer);

    [Benchmark]
    public int WriteLabelValue() => EscapedText.WriteQuoted(Value, _buffer);
}
