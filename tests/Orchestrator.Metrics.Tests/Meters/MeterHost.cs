using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Moq;
using Orchestrator.Metrics.Tests.Collection;
using Orchestrator.Metrics.Tests.Exposition;

namespace Orchestrator.Metrics.Tests.Meters;

internal sealed class MeterHost : IAsyncDisposable
{
    private readonly MeterPublisher _publisher;

    private MeterHost(
        Action<OrchestratorMetricsBuilder>? build, Action<OrchestratorMetricsOptions>? configure, TimeSpan? interval)
    {
        Metrics = new MetricsHost(
            builder =>
            {
                builder.PublishToMeter(interval);
                build?.Invoke(builder);
            },
            configure);
        _publisher = Metrics.Services.GetServices<IHostedService>().OfType<MeterPublisher>().Single();
    }

    public MetricsHost Metrics { get; }

    public MeterReader Meter { get; } = new();

    public static async Task<MeterHost> StartAsync(
        Action<OrchestratorMetricsBuilder>? build = null, Action<OrchestratorMetricsOptions>? configure = null,
        TimeSpan? interval = null)
    {
        var host = new MeterHost(build, configure, interval);
        await host._publisher.StartAsync(CancellationToken.None).Soon();
        return host;
    }

    public static Task<MeterHost> StartAsync(params IMetricsCollector[] collectors) => StartAsync(builder =>
    {
        for (var i = 0; i < collectors.Length; i++)
        {
            var name = $"Collector{i + 1}";
            builder.AddCollector(collectors[i], options => options.Name = name);
        }
    });

    public static Task<MeterHost> StartGoldenAsync() => StartAsync(
        builder => builder.Services
            .AddScoped(_ => Mock.Of<ISubscriptionRepository>(repository =>
                repository.GetSubscriptionCountsAsync(It.IsAny<CancellationToken>())
                    == Task.FromResult(GoldenRows.Subscriptions)))
            .AddScoped(_ => Mock.Of<IProcessRepository>(repository =>
                repository.GetProcessCountsAsync(It.IsAny<CancellationToken>())
                    == Task.FromResult(GoldenRows.Processes)))
            .AddScoped(_ => Mock.Of<IWorkflowEngineRepository>(repository =>
                repository.GetEngineStateAsync(It.IsAny<CancellationToken>()) == Task.FromResult(GoldenRows.Engine))),
        options => options.DefaultCollectors = DefaultCollectors.All);

    public void AdvanceInterval() => Metrics.Time.Advance(TimeSpan.FromMinutes(1));

    public Task<ReadSample[]> ReadUntilAsync(Func<ReadSample[], bool> wanted) =>
        Waiting.UntilAsync(Meter.Read, wanted);

    public async Task<ReadSample[]> ReadFirstAsync()
    {
        await ReadUntilAsync(samples => samples.Length > 0);
        await StopAsync();
        return Meter.Read();
    }

    public Task<ReadSample[]> ReadUntilAsync(string name, double value) =>
        ReadUntilAsync(samples => samples.Any(sample => sample.Name == name && sample.Value.Equals(value)));

    public Task StopAsync() => _publisher.StopAsync(CancellationToken.None).Soon();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Metrics.DisposeAsync();
        Meter.Dispose();
    }
}
