using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>The log messages of this package. All are in one class, as in the core.</summary>
internal sealed partial class ApiLog(SafeLogger logger)
{
    [LoggerMessage(EventId = 70, Level = LogLevel.Warning,
        Message = "The token for {BaseAddress} is sent unencrypted. Use https if the network is not trusted.")]
    public partial void Unencrypted(Uri baseAddress);
}
