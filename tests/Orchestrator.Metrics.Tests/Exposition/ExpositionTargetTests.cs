using System.IO.Pipelines;

namespace Orchestrator.Metrics.Tests.Exposition;

/// <summary>Writing to streams and pipes.</summary>
public class ExpositionTargetTests
{
    private const int Block = ExpositionWriter.BufferSize;

    [Test]
    public async Task Stream_receives_blocks_of_about_60_KiB_and_never_the_whole()
    {
        var stream = new RecordingStream();
        await ManySamples.Gauges(100_000).WriteAsync(stream, ExpositionFormat.PrometheusText);

        Assert.Multiple(() =>
        {
            Assert.That(stream.Writes.Sum(), Is.GreaterThan(20 * Block));
            Assert.That(stream.Writes.SkipLast(1), Has.All.EqualTo(60 * 1024).Within(1024));
            Assert.That(stream.LargestBetweenFlushes, Is.LessThanOrEqualTo(2 * Block));
            Assert.That(stream.IsOpen, Is.True);
        });
    }

    [Test]
    public async Task Long_label_value_does_not_enlarge_later_blocks()
    {
        var family = MetricFamily.Gauge("acme", "", "text");
        family.Add(1, new string('x', 1 << 20));
        for (var i = 0; i < 100_000; i++)
            family.Add(i, "abcdefghijklmnopqrstuvwxyz");
        var stream = new RecordingStream();
        await new MetricsSnapshot([family]).WriteAsync(stream, ExpositionFormat.PrometheusText);

        Assert.That(stream.LargestBetweenFlushes, Is.LessThan((1 << 20) + (2 * Block)));
    }

    [Test]
    public void Cancellation_ends_writing_between_two_blocks()
    {
        using var source = new CancellationTokenSource();
        var stream = new RecordingStream(onWrite: source.Cancel);

        Assert.Multiple(() =>
        {
            Assert.That(
                () => ManySamples.Gauges(100_000).WriteAsync(stream, ExpositionFormat.PrometheusText, source.Token),
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(stream.Writes.Sum(), Is.LessThan(4 * Block));
        });
    }

    [Test]
    public async Task Pipe_is_flushed_after_each_block_and_not_completed()
    {
        var stream = new RecordingStream();
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: Block));
        await ManySamples.Gauges(100_000).WriteAsync(pipe, ExpositionFormat.PrometheusText);

        Assert.Multiple(() =>
        {
            Assert.That(stream.LargestBetweenFlushes, Is.LessThanOrEqualTo(2 * Block));
            Assert.That(
                stream.Writes.Sum(), Is.EqualTo(ManySamples.Gauges(100_000).ToText(ExpositionFormat.PrometheusText).Length));
            Assert.That(stream.IsOpen, Is.True, "a completed pipe disposes its stream");
        });
    }

    [Test]
    public async Task Writing_to_a_pipe_stops_when_its_reader_has_completed()
    {
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();

        await ManySamples.Gauges(100_000).WriteAsync(pipe.Writer, ExpositionFormat.PrometheusText).Soon();

        Assert.That(pipe.Writer.UnflushedBytes, Is.Zero);
    }

    [Test]
    public void Writing_to_a_pipe_that_is_full_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        var pipe = new Pipe();

        var writing = ManySamples.Gauges(100_000).WriteAsync(pipe.Writer, ExpositionFormat.PrometheusText, source.Token);
        Assert.That(writing.IsCompleted, Is.False, "the reader reads nothing, so the pipe is full");
        source.Cancel();

        Assert.That(() => writing.Soon(), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Writing_rejects_null()
    {
        var snapshot = ManySamples.Gauges(1);
        var pipe = new Pipe().Writer;
        Assert.Multiple(() =>
        {
            Assert.That(() => snapshot.WriteAsync((Stream)null!, ExpositionFormat.OpenMetrics), Throws.ArgumentNullException);
            Assert.That(() => snapshot.WriteAsync((PipeWriter)null!, ExpositionFormat.OpenMetrics), Throws.ArgumentNullException);
            Assert.That(() => snapshot.Write(null!, ExpositionFormat.OpenMetrics), Throws.ArgumentNullException);
            Assert.That(() => snapshot.WriteAsync(Stream.Null, null!), Throws.ArgumentNullException);
            Assert.That(() => snapshot.WriteAsync(pipe, null!), Throws.ArgumentNullException);
            Assert.That(() => snapshot.Write(pipe, null!), Throws.ArgumentNullException);
        });
    }
}
