using System.Globalization;
using Microsoft.Data.Sqlite;
using Sample.Data;
using Sample.Demo;
using Sample.Engine;

namespace Orchestrator.Metrics.Tests.Demo;

/// <summary>
/// Checks that the demo data of the sample is realistic, at the start and after the simulated engine has run.
/// </summary>
public class DemoDataTests
{
    private const string Failed = "last_status IN ('failed', 'api_unavailable', 'inconsistent_data')";

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private SqliteConnection _connection = null!;
    private DateTimeOffset _now;
    private Random _random = null!;

    [SetUp]
    public async Task CreateAsync()
    {
        _connection = new SqliteConnection("Data Source=:memory:;Foreign Keys=True");
        await _connection.OpenAsync();
        await _connection.ExecuteAsync(Schema.Sql, [], default);
        await new DemoData(_connection, Start).InsertAsync(default);
        _now = Start;
        _random = new Random(1);
    }

    [TearDown]
    public ValueTask CloseAsync() => _connection.DisposeAsync();

    [Test]
    public async Task Every_status_and_every_range_of_ages_and_durations_occurs_at_the_start()
    {
        foreach (var status in Catalogue.FinalStatuses.Concat(
            ["created", "running", "resumed", "suspended", "waiting", "awaiting_callback", "failed", "api_unavailable",
             "inconsistent_data"]))
            Assert.That(await CountAsync($"last_status = '{status}'"), Is.Positive, status);

        const string Ended = "last_status IN ('completed', 'aborted')";
        foreach (var (least, most) in new[] { (0, 1), (1, 24), (24, 24 * 7), (24 * 7, 24 * 90) })
            Assert.That(await CountAsync($"{Ended} AND {HoursAgo} > {least} AND {HoursAgo} <= {most}"),
                Is.GreaterThan(100), $"ended {least} to {most} hours ago");
        foreach (var (least, most) in new[] { (0, 10), (10, 60), (60, 300), (300, 1800), (1800, 21_600) })
            Assert.That(
                await CountAsync($"{Ended} AND {HoursAgo} < 1 AND {Seconds} > {least} AND {Seconds} <= {most}"),
                Is.Positive, $"took {least} to {most} seconds, in the last hour");
        Assert.That(await CountAsync("last_modified_at < started_at"), Is.Zero);
        Assert.That(await CountAsync($"last_modified_at > {Start.ToUnixMicroseconds()}"), Is.Zero);
        Assert.That(await CountAsync($"{Failed} AND {HoursAgo} > 24"), Is.GreaterThan(3), "Some failures need attention.");
        Assert.That(
            await CountAsync($"last_status = 'suspended' AND {HoursAgo} > 7 * 24"), Is.Positive, "An alert fires.");
    }

    [Test]
    public async Task Run_time_does_not_jump_when_the_engine_continues_processes()
    {
        for (var minute = 0; minute < 10; minute++)
        {
            var before = await SumHoursOfRunTimeAsync();
            await SimulateAsync(TimeSpan.FromMinutes(1));
            Assert.That(await SumHoursOfRunTimeAsync() - before, Is.InRange(0, 3));
        }

        async Task<double> SumHoursOfRunTimeAsync() => Convert.ToDouble(
            await ReadScalarAsync($"SELECT sum({Seconds}) / 3600.0 FROM processes WHERE is_task = 0"),
            CultureInfo.InvariantCulture);
    }

    [Test]
    public async Task Failures_and_open_processes_do_not_pile_up_in_an_hour()
    {
        await SimulateAsync(TimeSpan.FromHours(1));

        Assert.That(await CountAsync($"{Failed} AND note IS NULL"), Is.InRange(1, 25));
        Assert.That(await CountAsync("last_status NOT IN ('completed', 'aborted')"), Is.InRange(20, 80));
        Assert.That(
            await CountAsync($"last_status IN ('running', 'created', 'resumed') AND {HoursAgo} > 0.1"), Is.Zero,
            "No running process hangs.");
        Assert.That(
            await CountAsync("note IS NOT NULL"), Is.EqualTo(UnfinishedProcesses.Stuck.Count), "Stuck processes stay.");
    }

    [Test]
    public async Task Old_completed_tasks_are_deleted_as_in_orchestrator_core_soon_after_the_start()
    {
        const string CompletedTasks = "is_task = 1 AND last_status = 'completed'";
        var limit = Start - TaskCleanUp.Retention;
        var expiredTasks = $"{CompletedTasks} AND last_modified_at <= {limit.ToUnixMicroseconds()}";
        var before = await CountAsync(expiredTasks);
        var failed = await CountAsync($"is_task = 1 AND {Failed} AND note IS NOT NULL");
        var oldWorkflowProcesses = await CountAsync($"is_task = 0 AND {HoursAgo} > 78");
        Assert.That(before, Is.Positive);
        Assert.That(
            await CountAsync($"{CompletedTasks} AND {HoursAgo} > 78"), Is.Zero,
            "The previous clean-up has deleted older tasks.");

        await SimulateAsync(TimeSpan.FromMinutes(1));

        Assert.That(await CountAsync(expiredTasks), Is.Zero);
        Assert.That(await CountAsync($"is_task = 1 AND {Failed} AND note IS NOT NULL"), Is.EqualTo(failed));
        Assert.That(
            await CountAsync($"is_task = 0 AND {HoursAgo} > 78"), Is.GreaterThanOrEqualTo(oldWorkflowProcesses),
            "Processes other than tasks are never deleted.");
        Assert.That(
            await ReadScalarAsync(
                $"SELECT count(*) FROM processes WHERE workflow_id = '{Catalogue.CleanUpTasks.Id}' " +
                $"AND started_at > {Start.ToUnixMicroseconds()}"),
            Is.EqualTo(1), "The next clean-up is due in six hours.");
    }

    [Test]
    public async Task Locked_engine_starts_nothing_and_records_its_state()
    {
        await _connection.ExecuteAsync("UPDATE engine_settings SET global_lock = 1", [], default);
        await SimulateAsync(TimeSpan.FromMinutes(1));

        var history = await EngineHistory.ReadAsync(_connection, _now, default);

        Assert.That(await CountAsync($"started_at > {Start.ToUnixMicroseconds()}"), Is.Zero);
        Assert.That(await CountAsync("last_status = 'running'"), Is.Zero);
        Assert.That(history[0].Status.GlobalStatus, Is.EqualTo("RUNNING"));
        Assert.That(history[^1].Status, Is.EqualTo(new EngineStatus("PAUSED", true, 0)));
        Assert.That(
            history, Has.Count.InRange(238, 241), "The history covers a minute before the start and a minute after it.");
    }

    private string HoursAgo => $"({_now.ToUnixMicroseconds()} - last_modified_at) / 3600e6";

    private static string Seconds => "(last_modified_at - started_at) / 1e6";

    private async Task SimulateAsync(TimeSpan time)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        for (var end = _now + time; _now < end;)
        {
            _now += EngineTick.Interval;
            await new EngineTick(_connection, _random).RunAsync(_now, default);
        }

        await transaction.CommitAsync();
    }

    private async Task<long> CountAsync(string condition) =>
        (long)(await ReadScalarAsync($"SELECT count(*) FROM processes WHERE {condition}"))!;

    private async Task<object?> ReadScalarAsync(string sql)
    {
        await using var command = _connection.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
