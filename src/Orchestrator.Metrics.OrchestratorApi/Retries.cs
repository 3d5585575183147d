using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Telemetry;

namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>
/// Retries requests that receive no response, or a gateway error, for example while a replica is replaced.
/// </summary>
internal static class Retries
{
    public static void Add(ResiliencePipelineBuilder<HttpResponseMessage> pipeline)
    {
        // By default, Polly uses the TimeProvider of the host. When the handler is disposed, it waits by that clock for
        // requests in flight. The wait would never end if the clock did not advance, as in tests.
        pipeline.TimeProvider = TimeProvider.System;

        // Polly would log each request. If the last attempt fails, the failure of the collector is logged.
        pipeline.ConfigureTelemetry(new TelemetryOptions { LoggerFactory = NullLoggerFactory.Instance });
        pipeline.AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromMilliseconds(200),

            // The next refresh is soon, and a wait that exceeds the timeout would hide the status.
            ShouldRetryAfterHeader = false,
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Exception is HttpRequestException
                    or OperationCanceledException { InnerException: TimeoutException }
                || arguments.Outcome.Result?.StatusCode is HttpStatusCode.BadGateway
                    or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout),
        });
    }
}
