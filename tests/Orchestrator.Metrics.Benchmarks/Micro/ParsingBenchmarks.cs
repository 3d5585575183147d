using System.Text;
using BenchmarkDotNet.Attributes;

namespace Orchestrator.Metrics.Benchmarks.Micro;

// Both parsing modes must take linear time.
[MemoryDiagnoser]
public class ParsingBenchmarks
{
    private byte[] _text = [];

    [Params(1_000, 100_000)]
    public int LabelSets { get; set; }

    [GlobalSetup]
    public void CreateText()
    {
        var samples = Enumerable.Range(0, LabelSets).Select(id => $"jobs{{id=\"{id}\"}} 1\n");
        _text = Encoding.UTF8.GetBytes($"# TYPE jobs gauge\n{string.Concat(samples)}# EOF\n");
    }

    [Benchmark(Baseline = true)]
    public MetricsSnapshot ParseLeniently() => MetricsSnapshot.Parse(_text);

    [Benchmark]
    public MetricsSnapshot ParseStrictly() => MetricsSnapshot.Parse(_text, ExpositionParseMode.StrictOpenMetrics);
}
