namespace Orchestrator.Metrics.Exporter.Configuration;

internal enum RunMode
{
    Serve,
    Once,
    Check,
}
