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
        await using var context = new LicenceContext(Options(new DbContextOptionsBuilder<LicenceContext>()).Options);
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
        using var barrier = new Meeting(Collectors);
        await using var host = Host(barrier);

        var snapshot = await host.ScrapeAsync();

        for (var i = 0; i < Collectors; i++)
            Assert.That(snapshot.Values($"seats{i}"), Is.EqualTo(Enumerable.Range(1, Rows)));
        Assert.That(barrier.Contexts, Is.Unique.And.Exactly(Collectors).Items);
    }

    [Test]
    public async Task Many_concurrent_scrapes_succeed_in_many_rounds()
    {
        using var barrier = new Meeting(1);
        await using var host = Host(barrier);

        for (var round = 0; round < 10; round++)
        {
            var snapshots = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => host.ScrapeAsync())));
            Assert.That(snapshots.Select(snapshot => snapshot.Values("seats3").Sum()),
                Has.All.EqualTo(Rows * (Rows + 1) / 2));
        }

        // Runs are shared, so the number of contexts is far below the number of scrapes times collectors.
        Assert.That(barrier.Contexts, Is.Unique);
        Assert.That(host.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Cancelled_query_does_not_affect_the_next()
    {
        using var barrier = new Meeting(Collectors + 1);
        await using var host = Host(barrier);
        await host.DisconnectAsync(barrier.WaitForAllButOneAsync);
        barrier.Open();

        Assert.That((await host.ScrapeAsync()).Values("seats0"), Has.Length.EqualTo(Rows));
    }

    private MetricsHost Host(Meeting meeting) => new(builder =>
    {
        builder.Services.AddDbContext<LicenceContext>(options => Options(options));
        for (var i = 0; i < Collectors; i++)
        {
            var family = $"seats{i}";
            builder.AddCollector(
                services => new LicenceCollector(services.GetRequiredService<LicenceContext>(), meeting, family),
                options => options.Name = family);
        }
    });

    private TBuilder Options<TBuilder>(TBuilder options)
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

    private sealed class LicenceCollector(LicenceContext context, Meeting meeting, string name) : IMetricsCollector
    {
        public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
        {
            var family = MetricFamily.Gauge(name, "", "product");
            var met = false;
            await foreach (var licence in context.Licences.OrderBy(row => row.Id).AsAsyncEnumerable()
                .WithCancellation(cancellationToken))
            {
                if (!met)
                    await meeting.ArriveAsync(context.ContextId.InstanceId, cancellationToken);
                met = true;
                family.Add(licence.Seats, licence.Product);
            }

            return [family];
        }
    }

    /// <summary>A barrier that opens when all participants have reached it.</summary>
    private sealed class Meeting(int size) : IDisposable
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
