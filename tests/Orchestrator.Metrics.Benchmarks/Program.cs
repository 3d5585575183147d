using BenchmarkDotNet.Running;
using Orchestrator.Metrics.Benchmarks.Load;
using Orchestrator.Metrics.Benchmarks.Micro;
using Orchestrator.Metrics.Benchmarks.Scenarios;
using Orchestrator.Metrics.Benchmarks.Soak;

return args switch
{
    ["ratios", .. var arguments] => await RatioRun.RunAsync(arguments),
    ["load", .. var options] => await LoadRun.RunAsync(quick: options.Contains("--quick")),
    ["exporter", .. var options] => await ExporterRun.RunAsync(quick: options.Contains("--quick")),
    ["micro", .. var options] => RunMicroBenchmarks(options),
    ["profile"] => await Profile.RunAsync(),
    ["soak"] => await SoakRun.RunAsync(10_000),
    ["soak", var scrapes] when int.TryParse(scrapes, out var count) => await SoakRun.RunAsync(count),
    _ => PrintUsage(),
};

static int RunMicroBenchmarks(string[] options)
{
    BenchmarkSwitcher.FromAssembly(typeof(NumberBenchmarks).Assembly).Run(options);
    return 0;
}

static int PrintUsage()
{
    Console.Error.WriteLine("""
        dotnet run --configuration Release --project tests/Orchestrator.Metrics.Benchmarks -- COMMAND

          ratios [--quick] [SCENARIO...]
                           whole scrapes compared with other libraries and with lower bounds, as ratios
          load [--quick]   the load of replicas and scrapers on a database, and the latency of their scrapes
          exporter [--quick]
                           the exporter compared with an endpoint in Python: processor time, memory, latency
          micro [OPTIONS]  single steps, such as writing a number, with BenchmarkDotNet and its options
          profile          scrapes of 100,000 series for twenty seconds, for a profiler
          soak [SCRAPES]   10,000 scrapes over HTTP, about a third of them cancelled, a tenth of the runs failing,
                           with slow readers, clients with a short timeout and a stop of the host in the middle;
                           exits with 1 if anything leaks or the stop takes more than two seconds
        """);
    return 2;
}
