using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Orchestrator.Metrics.Redis;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests;

public class StoredValueTests
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(1400);

    [Test]
    public void Families_of_all_types_are_preserved()
    {
        var families = AllKinds.CreateFamilies();
        var value = StoredValue.Read(Write(families));
        Assert.That(value, Is.EqualTo(new StoredValue(value.Families, IsRun: false, MaxAge, Duration)));
        Assert.That(
            new MetricsSnapshot(value.Families!).ToText(ExpositionFormat.OpenMetrics),
            Is.EqualTo(new MetricsSnapshot(families).ToText(ExpositionFormat.OpenMetrics)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Counter_without_total_keeps_its_name_and_type(bool hasSamples)
    {
        var builder = new MetricFamilyBuilder(MetricType.Counter, "acme_bytes", "Bytes.");
        if (hasSamples)
            builder.AddSample("acme_bytes", 1, [new("to", "b")]);
        var family = builder.Build();

        var text = new MetricsSnapshot(StoredValue.Read(Write([family])).Families!).ToString();

        Assert.That(text, Does.Contain("# TYPE acme_bytes counter\n"));
        Assert.That(text, Is.EqualTo(new MetricsSnapshot([family]).ToString()));
    }

    [Test]
    public void Result_without_families_is_preserved() => Assert.That(StoredValue.Read(Write([])).Families, Is.Empty);

    [Test]
    public void Every_truncated_value_is_an_error()
    {
        var bytes = Write(AllKinds.CreateFamilies());

        // .NET does not detect that the end of the last block and the checksum are missing. The families are complete
        // without them.
        for (var length = 0; length < bytes.Length - 12; length++)
            Assert.That(() => StoredValue.Read(bytes[..length]), Throws.InstanceOf<FormatException>(), $"{length}");
    }

    [Test]
    public void Changed_byte_is_an_error_or_changes_only_the_times()
    {
        var bytes = Write(AllKinds.CreateFamilies());
        var text = new MetricsSnapshot(StoredValue.Read(bytes).Families!).ToString();
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] ^= 0x55;
            try
            {
                Assert.That(new MetricsSnapshot(StoredValue.Read(changed).Families!).ToString(), Is.EqualTo(text));
            }
            catch (FormatException)
            {
                // The changed value is rejected.
            }
        }
    }

    [Test]
    public void Length_that_gzip_cannot_reach_is_an_error_before_memory_is_allocated()
    {
        var bytes = Write(AllKinds.CreateFamilies());
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), int.MaxValue);
        Assert.That(() => StoredValue.Read(bytes), Throws.InstanceOf<FormatException>());
    }

    [Test]
    public void Foreign_value_with_a_length_that_memory_cannot_hold_is_an_error()
    {
        var bytes = new byte[3_000_000];
        StoredValue.WriteHeader(bytes, MaxAge, Duration);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), int.MaxValue);
        Assert.That(() => StoredValue.Read(bytes), Throws.InstanceOf<FormatException>());
    }

    [Test]
    public void Error_in_the_text_does_not_reveal_label_values()
    {
        var text = Encoding.UTF8.GetBytes("# TYPE x gauge\nx{user=\"ada.lovelace\"} 1.0 oops\n# EOF\n");
        using var stream = new MemoryStream();
        stream.Write(new byte[24]);
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(text);
        var bytes = stream.ToArray();
        StoredValue.WriteHeader(bytes, MaxAge, Duration);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), text.Length);

        Assert.That(
            () => StoredValue.Read(bytes), Throws.InstanceOf<FormatException>().With.Message.EqualTo("The value is corrupt."));
    }

    [Test]
    public void Token_of_a_run_differs_from_other_tokens_and_from_a_result_without_families()
    {
        var run = StoredValue.CreateRunToken();
        var nothing = StoredValue.CreateWithoutFamilies();
        StoredValue.WriteHeader(nothing, MaxAge, Duration);

        Assert.That(StoredValue.Read(run), Is.EqualTo(new StoredValue(null, IsRun: true, default, default)));
        Assert.That(StoredValue.Read(nothing), Is.EqualTo(new StoredValue(null, IsRun: false, MaxAge, Duration)));
        Assert.That(StoredValue.CreateRunToken(), Is.Not.EqualTo(run));
    }

    [TestCase("text", "The value is not a result of this version of Orchestrator.Metrics.Redis",
        TestName = "Text_in_the_key_is_ignored_with_one_warning_and_replaced")]
    [TestCase("older", "The value is not a result of this version of Orchestrator.Metrics.Redis",
        TestName = "Older_format_in_the_key_is_ignored_with_one_warning_and_replaced")]
    [TestCase("corrupt", "The value is corrupt",
        TestName = "Corrupt_value_in_the_key_is_ignored_with_one_warning_and_replaced")]
    [TestCase("immortal", "The key does not expire",
        TestName = "Value_that_does_not_expire_is_ignored_with_one_warning_and_replaced")]
    [TestCase("list", "WRONGTYPE Operation against a key holding the wrong kind of value",
        TestName = "Key_of_another_type_is_ignored_with_one_warning_and_replaced")]
    public async Task Wrong_value_is_ignored(string kind, string problem)
    {
        await using var server = await RedisServer.StartAsync();
        var collector = FakeCollector.Counting("x");
        await using var first = new Replica(server, collector);
        await first.ScrapeAsync();
        var database = await server.ConnectAsync();
        var key = await StoredResults.WaitForKeyAsync(database);
        byte[] stored = (await database.StringGetAsync(key))!;
        await database.KeyDeleteAsync(key);
        if (kind == "list")
            await database.ListLeftPushAsync(key, "value");
        else if (kind == "immortal")
            await database.StringSetAsync(key, stored);
        else
            await database.StringSetAsync(key, CreateWrongValue(kind, stored), MaxAge);

        await using var second = new Replica(server, collector);
        Assert.That(await second.ScrapeValueAsync(), Is.EqualTo(2));
        Assert.That(second.Log.Warnings, Is.EqualTo(new[]
        {
            $"The result of collector FakeCollector is not shared under the key {key} in Redis: {problem}. Further " +
            "problems with this key are not logged until a result is stored under it.",
        }));
        await Waiting.UntilAsync(() => RedisServer.GetKeys(database).Length, keys => keys == 1);
        await using var third = new Replica(server, collector);
        Assert.That(await third.ScrapeValueAsync(), Is.EqualTo(2), "The value was replaced.");
        Assert.That(third.Log.Entries, Is.Empty);
    }

    private static RedisValue CreateWrongValue(string kind, byte[] stored)
    {
        switch (kind)
        {
            case "text":
                return "# TYPE x gauge\nx 1.0\n# EOF\n";
            case "older":
                stored[3]--;
                return stored;
            default:
                stored[^10] ^= 1;
                return stored;
        }
    }

    private static byte[] Write(params MetricFamily[] families)
    {
        var bytes = StoredValue.TryWriteFamilies(families)!;
        StoredValue.WriteHeader(bytes, MaxAge, Duration);
        return bytes;
    }
}
