using Orchestrator.Metrics.Benchmarks.Soak;

return args switch
{
    ["soak"] => await SoakRun.RunAsync(10_000),
    ["soak", var scrapes] when int.TryParse(scrapes, out var count) => await SoakRun.RunAsync(count),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run --configuration Release --project tests/Orchestrator.Metrics.Benchmarks -- COMMAND

          soak [SCRAPES]   10,000 scrapes over HTTP, a third of them cancelled, a tenth of the runs failing;
                           ends with 1 if anything is left over
        """);
    return 2;
}
