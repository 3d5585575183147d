using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Benchmarks.Soak;

/// <summary>
/// Thousands of scrapes of a real server. About a third of the clients disconnect at a random time, a fifth send a
/// short timeout, and others read slowly. Each run holds a connection. One run in ten fails, and one in a hundred
/// ignores its token and exceeds its timeout. In the middle, the host is stopped and replaced. At the end, nothing may
/// have leaked.
/// </summary>
internal static class SoakRun
{
    public const string LargePath = "/large";

    private const int Collectors = 10;
    private const int Clients = 32;
    private const int WarmUp = 4_000;
    private const int Seed = 20261122;
    private static readonly TimeSpan LongTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxStop = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(int scrapes)
    {
        using var buffers = new PooledBuffers();
        var counts = new SoakCounts();
        var results = new SoakCounts();

        // A first round fills the pools and caches that are permanent.
        await RunHostAsync(Math.Max(WarmUp, scrapes / 10), counts, new SoakCounts(), stopsInScrapes: false);
        var before = RemainingResources.Measure(counts, buffers);
        counts.ResetRuns();

        var clock = Stopwatch.StartNew();
        var stop = await RunHostAsync(scrapes / 2, counts, results, stopsInScrapes: true);
        await RunHostAsync(scrapes / 2, counts, results, stopsInScrapes: false);
        var elapsed = clock.Elapsed;
        var after = RemainingResources.Measure(counts, buffers);

        Console.WriteLine($"{scrapes} scrapes in {elapsed.TotalSeconds:0.0} s, {Clients} clients, {Collectors} collectors");
        Console.WriteLine($"succeeded {results.Succeeded}, cancelled {results.Cancelled}, failed completely {results.Failed}, refused after the stop {results.Refused}");
        Console.WriteLine($"clients with a short timeout {results.ShortTimeouts}, slow readers aborted {results.Aborted}");
        Console.WriteLine($"collector runs {counts.Runs}, failed {counts.FailedRuns}, cancelled {counts.CancelledRuns}; pooled arrays rented {buffers.Rentals}");
        Console.WriteLine($"host stopped during scrapes within {stop.TotalSeconds:0.00} s{(stop > MaxStop ? $": TOO LONG, the limit is {MaxStop.TotalSeconds} s" : "")}");
        return Math.Max(RemainingResources.PrintLeaks(before, after), stop > MaxStop ? 1 : 0);
    }

    /// <summary>Scrapes a new host, stops it, and returns the duration of the stop.</summary>
    private static async Task<TimeSpan> RunHostAsync(
        int scrapes, SoakCounts counts, SoakCounts results, bool stopsInScrapes)
    {
        await using var app = Build(counts);
        await app.StartAsync();
        var address = new Uri(app.Urls.Single());
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Clients })
        {
            BaseAddress = address,
        };
        await using var slow = new SlowReaders(address, results);
        await ScrapeAsync(client, scrapes, results);
        var more = stopsInScrapes ? ScrapeAsync(client, Clients * 100, results) : Task.CompletedTask;
        if (stopsInScrapes)
            await Task.Delay(TimeSpan.FromMilliseconds(200));

        var clock = Stopwatch.StartNew();
        await app.StopAsync();
        var elapsed = clock.Elapsed;
        await more;
        await WaitUntilIdleAsync(counts);
        return elapsed;
    }

    private static WebApplication Build(SoakCounts counts)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(counts);
        builder.Services.AddScoped<SoakConnection>();
        var metrics = builder.Services.AddOrchestratorMetrics(options =>
        {
            options.FailurePolicy = FailurePolicy.ReportAndContinue;
            options.MaxConcurrentCollectors = 8;
            options.CollectorTimeout = TimeSpan.FromMilliseconds(60);
        });
        for (var i = 0; i < Collectors; i++)
        {
            var number = i;
            metrics.AddCollector(
                services => new SoakCollector(number, services.GetRequiredService<SoakConnection>(), counts),
                options => options.Name = $"Soak{number}");
        }

        // Far larger than the buffers of sockets, so slow readers block the response.
        var large = MetricFamily.Gauge("large", "For slow readers.", "value");
        for (var i = 0; i < 10_000; i++)
            large.Add(i, new string('x', 800) + i);
        metrics.AddCollector("Large", (_, _) => Task.FromResult<IReadOnlyList<MetricFamily>>([large]));

        var app = builder.Build();
        app.MapOrchestratorMetrics(configure: options =>
        {
            options.EnableEndpoint = true;
            options.Predicate = collector => collector.Name != "Large";
        });
        app.MapOrchestratorMetrics(LargePath, options =>
        {
            options.EnableEndpoint = true;
            options.Predicate = collector => collector.Name == "Large";
            options.WriteTimeout = WriteTimeout;
        });
        return app;
    }

    /// <summary>
    /// Runs rounds with all clients at once. In a third of the rounds, all clients disconnect together, so the runs are
    /// cancelled, too. In the other rounds, a few clients disconnect, and the runs continue for the rest.
    /// </summary>
    private static async Task ScrapeAsync(HttpClient client, int scrapes, SoakCounts results)
    {
        var random = new Random(Seed);
        for (var round = 0; round < scrapes / Clients; round++)
        {
            using var disconnectAll = new CancellationTokenSource();
            if (random.Next(3) == 0)
                disconnectAll.CancelAfter(TimeSpan.FromMilliseconds(random.NextDouble() * 10));
            await Task.WhenAll(Enumerable.Range(0, Clients)
                .Select(_ => random.Next(10) == 0 ? TimeSpan.FromMilliseconds(random.NextDouble() * 10) : LongTime)
                .Select(disconnectAfter =>
                    ScrapeOnceAsync(client, disconnectAfter, random.Next(5) == 0, results, disconnectAll.Token)));
        }
    }

    private static async Task ScrapeOnceAsync(
        HttpClient client, TimeSpan disconnectAfter, bool hasShortTimeout, SoakCounts results,
        CancellationToken disconnectAll)
    {
        using var disconnecting = CancellationTokenSource.CreateLinkedTokenSource(disconnectAll);
        disconnecting.CancelAfter(disconnectAfter);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics");
        if (hasShortTimeout)
        {
            Interlocked.Increment(ref results.ShortTimeouts);
            request.Headers.Add("X-Prometheus-Scrape-Timeout-Seconds", "0.03");
        }

        try
        {
            using var response = await client.SendAsync(request, disconnecting.Token);
            await response.Content.ReadAsByteArrayAsync(disconnecting.Token);
            if (response.StatusCode == HttpStatusCode.OK)
                Interlocked.Increment(ref results.Succeeded);
            else
                Interlocked.Increment(ref results.Failed);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref results.Cancelled);
        }
        catch (HttpRequestException)
        {
            Interlocked.Increment(ref results.Refused);
        }
    }

    // Waits for at most five seconds. A run that continues is reported as a leak.
    private static async Task WaitUntilIdleAsync(SoakCounts counts)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var rounds = 0; rounds < 250 && (counts.OpenScopes > 0 || rounds < 25); rounds++)
            await timer.WaitForNextTickAsync();
    }
}
