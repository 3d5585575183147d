using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>
/// A <c>DbContext</c> registered by <c>AddDbContext</c> is scoped and supports one operation at a time. Several
/// collectors and scrapes can use it concurrently because each run has a separate scope.
/// </summary>
public sealed class EntityFrameworkTests
{
    private const int Collectors = 4;
    private const int Rows = 20;

    private string _file = "";

    [SetUp]
    public async Task CreateDatabase()
    {
        _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.db");
        var options = ConfigureDatabase(new DbContextOptionsBuilder<LicenceContext>()).Options;
        await using var context = new LicenceContext(options);
        await context.Database.EnsureCreatedAsync();
        context.Licences.AddRange(Enumerable.Range(1, Rows).Select(
            seats => new Licence { Product = $"product {seats}", Seats = seats }));
        await context.SaveChangesAsync();
    }

    [TearDown]
    public void DeleteDatabase()
    {
        SqliteConnection.ClearAllPools();
        File.Delete(_file);
    }

    [Test]
    public async Task Collectors_query_a_DbContext_concurrently()
    {
        // All collectors are in the middle of a query before any of them continues.
        using var barrier = new AsyncBarrier(Collectors);
        await using var host = CreateHost(barrier);

        var snapshot = await host.ScrapeAsync();

        for (var i = 0; i < Collectors; i++)
            Assert.That(snapshot.GetValues($"seats{i}"), Is.EqualTo(Enumerable.Range(1, Rows)));
        Assert.That(barrier.Contexts, Is.Unique.And.Exactly(Collectors).Items);
    }

    [Test]
    public async Task Many_concurrent_scrapes_of_a_DbContext_succeed()
    {
        using var barrier = new AsyncBarrier(1);
        await using var host = CreateHost(barrier);

        for (var round = 0; round < 10; round++)
        {
            var snapshots = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => host.ScrapeAsync())));
            Assert.That(snapshots.Select(snapshot => snapshot.GetValues("seats3").Sum()),
                Has.All.EqualTo(Rows * (Rows + 1) / 2));
        }

        // Scrapes share runs, but no two runs share a context.
        Assert.That(barrier.Contexts, Is.Unique);
        Assert.That(host.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Cancelled_query_does_not_affect_the_next_scrape()
    {
        using var barrier = new AsyncBarrier(Collectors + 1);
        await using var host = CreateHost(barrier);
        await host.DisconnectAsync(barrier.WaitForAllButOneAsync);
        barrier.Open();

        Assert.That((await host.ScrapeAsync()).GetValues("seats0"), Has.Length.EqualTo(Rows));
    }

    private MetricsHost CreateHost(AsyncBarrier barrier) => new(builder =>
    {
        builder.Services.AddDbContext<LicenceContext>(options => ConfigureDatabase(options));
        for (var i = 0; i < Collectors; i++)
        {
            var family = $"seats{i}";
            builder.AddCollector(
                services => new LicenceCollector(services.GetRequiredService<LicenceContext>(), barrier, family),
                options => options.Name = family);
        }
    });

    private TBuilder ConfigureDatabase<TBuilder>(TBuilder options)
        where TBuilder : DbContextOptionsBuilder
    {
        options.UseSqlite($"Data Source={_file}");
        return options;
    }

    internal sealed class Licence
    {
        public int Id { get; set; }

        public string Product { get; set; } = "";

        public int Seats { get; set; }
    }

    internal sealed class LicenceContext(DbContextOptions<LicenceContext> options) : DbContext(options)
    {
        public DbSet<Licence> Licences => Set<Licence>();
    }

    private sealed class LicenceCollector(LicenceContext context, AsyncBarrier barrier, string name) : IMetricsCollector
    {
        public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
        {
            var family = MetricFamily.Gauge(name, "", "product");
            var hasArrived = false;
            await foreach (var licence in context.Licences.OrderBy(row => row.Id).AsAsyncEnumerable()
                .WithCancellation(cancellationToken))
            {
                if (!hasArrived)
                    await barrier.ArriveAsync(context.ContextId.InstanceId, cancellationToken);
                hasArrived = true;
                family.Add(licence.Seats, licence.Product);
            }

            return [family];
        }
    }

    private sealed class AsyncBarrier(int size) : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly List<Guid> _contexts = [];
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _allButOne = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<Guid> Contexts => _contexts;

        public Task WaitForAllButOneAsync() => _allButOne.Task.Soon();

        public void Open() => _all.TrySetResult();

        public Task ArriveAsync(Guid context, CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                _contexts.Add(context);
                if (_contexts.Count == size - 1)
                    _allButOne.TrySetResult();
                if (_contexts.Count == size)
                    Open();
            }

            return _all.Task.WaitAsync(cancellationToken).Soon();
        }

        public void Dispose() => Open();
    }
}
