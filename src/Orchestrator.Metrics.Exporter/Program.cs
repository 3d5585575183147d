using Orchestrator.Metrics.Exporter;
using Orchestrator.Metrics.Exporter.Configuration;

return await ExporterProgram.RunAsync(
    args, ConfigurationLoader.ReadProcessEnvironment(), Console.Out, Console.Error);
