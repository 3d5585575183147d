using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Tests;

public class TextFileHostTests
{
    [Test]
    public async Task Worker_writes_the_file_on_start_and_on_stop()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "acme.prom");
        var value = 1;
        using var host = Build(builder => builder
            .AddGauge("acme_jobs", "Jobs.", _ => Volatile.Read(ref value)).WriteTextFile(path, TimeSpan.FromHours(1)));

        await host.StartAsync().Soon();
        await Waiting.UntilAsync(() => File.Exists(path), exists => exists);
        var first = await File.ReadAllTextAsync(path);
        Volatile.Write(ref value, 2);
        await host.StopAsync().Soon();

        Assert.That(first, Is.EqualTo("# HELP acme_jobs Jobs.\n# TYPE acme_jobs gauge\nacme_jobs 1.0\n"));
        Assert.That(await File.ReadAllTextAsync(path), Does.EndWith("acme_jobs 2.0\n"));
        Assert.That(folder.FindFiles("*"), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Worker_with_a_missing_folder_does_not_start()
    {
        using var host = Build(builder => builder.WriteTextFile("/does/not/exist/acme.prom", TimeSpan.FromHours(1)));

        Assert.That(async () => await host.StartAsync().Soon(), Throws.InstanceOf<OptionsValidationException>());
    }

    private static IHost Build(Action<OrchestratorMetricsBuilder> build)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        build(builder.Services.AddOrchestratorMetrics());
        return builder.Build();
    }
}
