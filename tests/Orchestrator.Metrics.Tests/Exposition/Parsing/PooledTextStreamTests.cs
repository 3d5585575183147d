using System.Text;

namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

public class PooledTextStreamTests
{
    private static readonly byte[] Text = Encoding.ASCII.GetBytes(
        string.Concat(Enumerable.Range(0, 100_000).Select(number => $"{number}\n")));

    [Test]
    public async Task Writes_of_any_size_and_kind_are_all_kept()
    {
        var pool = new CountingPool();
        using var stream = new PooledTextStream(pool);
        Func<byte[], int, int, CancellationToken, Task> writeArray = stream.WriteAsync;
        var (at, size) = (0, 1);
        while (at < Text.Length)
        {
            var length = Math.Min(size = (size * 3 % 65_537) + 1, Text.Length - at);
            if (at % 3 == 0)
                await stream.WriteAsync(Text.AsMemory(at, length));
            else if (at % 3 == 1)
                stream.Write(Text, at, length);
            else
                await writeArray(Text, at, length, CancellationToken.None);
            at += length;
            if (at < Text.Length)
                stream.WriteByte(Text[at++]);
            await stream.FlushAsync();
        }

        Assert.That(stream.End().Span.SequenceEqual(Text));
        stream.Release();
        Assert.That((pool.Rentals, pool.Outstanding), Is.EqualTo((5, 0)), "64 KiB, doubled four times");
    }

    [Test]
    public async Task Content_is_kept_when_a_writer_closes_the_stream()
    {
        using var stream = new PooledTextStream(new CountingPool());
        await using (var writer = new StreamWriter(stream))
            await writer.WriteAsync("a 1\n");

        Assert.That(Encoding.ASCII.GetString(stream.End().Span), Is.EqualTo("a 1\n"));
    }

    [Test]
    public void Writing_after_End_Release_or_Dispose_throws([Values("End", "Release", "Dispose")] string end)
    {
        var pool = new CountingPool();
        using var stream = new PooledTextStream(pool);
        Func<byte[], int, int, CancellationToken, Task> writeArray = stream.WriteAsync;
        stream.Write("a 1\n"u8);
        if (end == "End")
            stream.End();
        else if (end == "Release")
            stream.Release();
        else
            stream.Dispose();

        Assert.Multiple(() =>
        {
            Assert.That(stream.CanWrite, Is.False);
            Assert.That(() => stream.WriteByte(1), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => stream.Write(Text, 0, 1), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(async () => await stream.WriteAsync(Text), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => writeArray(Text, 0, 1, CancellationToken.None), Throws.TypeOf<ObjectDisposedException>());
        });
        stream.Release();
        stream.Release();
        Assert.That(pool.Outstanding, Is.Zero);
    }

    [Test]
    public void Stream_rejects_writes_beyond_its_limit()
    {
        using var stream = new PooledTextStream(new CountingPool(), limit: 10);
        stream.Write("123456"u8);
        stream.Write("7890"u8);

        Assert.That(
            () => stream.WriteByte(1),
            Throws.InvalidOperationException.With.Message.StartsWith("The exposition is longer than 10 bytes."));
        Assert.That(Encoding.ASCII.GetString(stream.End().Span), Is.EqualTo("1234567890"));
    }

    [Test]
    public void Stream_writes_nothing_when_cancelled_and_supports_only_writing()
    {
        using var stream = new PooledTextStream(new CountingPool());

        Assert.Multiple(() =>
        {
            Assert.That(
                async () => await stream.WriteAsync(Text, new CancellationToken(canceled: true)),
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(stream.End().Length, Is.Zero);
            Assert.That(stream.CanRead || stream.CanSeek, Is.False);
            Assert.That(() => stream.ReadByte(), Throws.TypeOf<NotSupportedException>());
            Assert.That(() => stream.Seek(0, SeekOrigin.Begin), Throws.TypeOf<NotSupportedException>());
            Assert.That(() => stream.SetLength(0), Throws.TypeOf<NotSupportedException>());
            Assert.That(() => stream.Length, Throws.TypeOf<NotSupportedException>());
            Assert.That(() => stream.Position, Throws.TypeOf<NotSupportedException>());
            Assert.That(() => stream.Position = 0, Throws.TypeOf<NotSupportedException>());
        });
    }
}
