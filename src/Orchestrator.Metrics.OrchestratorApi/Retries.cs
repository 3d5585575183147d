using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Telemetry;

namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>Retries requests without a response, or with an error of a gateway while a replica is replaced.</summary>
internal static class Retries
{
    private const int MaxRetries = 2;

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    public static void Add(ResiliencePipelineBuilder<HttpResponseMessage> pipeline)
    {
        // By default, Polly uses the TimeProvider of the host. Its disposal waits by that clock for requests in flight,
        // and would never return if the clock does not advance, as in tests.
        pipeline.TimeProvider = TimeProvider.System;

        // Polly would log each request. A request that finally fails is logged as the failure of the collector.
        pipeline.ConfigureTelemetry(new TelemetryOptions { LoggerFactory = NullLoggerFactory.Instance });
        pipeline.AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = MaxRetries,
            Delay = Delay,

            // The next refresh comes soon, and a wait past the timeout would hide the status.
            ShouldRetryAfterHeader = false,
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Exception is HttpRequestException
                || arguments.Outcome.Result?.StatusCode is HttpStatusCode.BadGateway
                    or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout),
        });
    }
}
