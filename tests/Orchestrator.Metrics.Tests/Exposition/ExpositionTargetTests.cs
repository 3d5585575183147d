using System.IO.Pipelines;

namespace Orchestrator.Metrics.Tests.Exposition;

public class ExpositionTargetTests
{
    private const int BufferSize = ExpositionWriter.BufferSize;

    [Test]
    public async Task Stream_receives_blocks_of_about_60_KiB_and_never_the_whole_exposition()
    {
        var stream = new RecordingStream();
        await ManySamples.CreateGauges(100_000).WriteAsync(stream, ExpositionFormat.PrometheusText);

        Assert.Multiple(() =>
        {
            Assert.That(stream.Writes.Sum(), Is.GreaterThan(20 * BufferSize));
            Assert.That(stream.Writes.SkipLast(1), Has.All.EqualTo(60 * 1024).Within(1024));
            Assert.That(stream.LargestBetweenFlushes, Is.LessThanOrEqualTo(2 * BufferSize));
            Assert.That(stream.IsOpen, Is.True);
        });
    }

    [Test]
    public async Task Long_label_value_enlarges_a_block_only_by_its_length()
    {
        var family = MetricFamily.Gauge("acme", "", "text");
        family.Add(1, new string('x', 1 << 20));
        for (var i = 0; i < 100_000; i++)
            family.Add(i, "abcdefghijklmnopqrstuvwxyz");
        var stream = new RecordingStream();
        await new MetricsSnapshot([family]).WriteAsync(stream, ExpositionFormat.PrometheusText);

        Assert.That(stream.LargestBetweenFlushes, Is.LessThan((1 << 20) + (2 * BufferSize)));
    }

    [Test]
    public void Cancellation_stops_writing_between_two_blocks()
    {
        using var source = new CancellationTokenSource();
        var stream = new RecordingStream(onWrite: source.Cancel);

        Assert.Multiple(() =>
        {
            Assert.That(
                () => ManySamples.CreateGauges(100_000)
                    .WriteAsync(stream, ExpositionFormat.PrometheusText, source.Token),
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(stream.Writes.Sum(), Is.LessThan(4 * BufferSize));
        });
    }

    [Test]
    public async Task Pipe_is_flushed_after_each_block_and_not_completed()
    {
        var stream = new RecordingStream();
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: BufferSize));
        await ManySamples.CreateGauges(100_000).WriteAsync(pipe, ExpositionFormat.PrometheusText);

        Assert.Multiple(() =>
        {
            Assert.That(stream.LargestBetweenFlushes, Is.LessThanOrEqualTo(2 * BufferSize));
            Assert.That(
                stream.Writes.Sum(),
                Is.EqualTo(ManySamples.CreateGauges(100_000).ToText(ExpositionFormat.PrometheusText).Length));
            Assert.That(stream.IsOpen, Is.True, "the pipe would dispose its stream on completion");
        });
    }

    [Test]
    public async Task Writing_to_a_pipe_stops_when_its_reader_has_completed()
    {
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();

        await ManySamples.CreateGauges(100_000).WriteAsync(pipe.Writer, ExpositionFormat.PrometheusText).Soon();

        Assert.That(pipe.Writer.UnflushedBytes, Is.Zero);
    }

    [Test]
    public void Writing_to_a_pipe_that_is_full_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        var pipe = new Pipe();

        var writing = ManySamples.CreateGauges(100_000)
            .WriteAsync(pipe.Writer, ExpositionFormat.PrometheusText, source.Token);
        Assert.That(writing.IsCompleted, Is.False, "the pipe is full, because nothing reads from it");
        source.Cancel();

        Assert.That(() => writing.Soon(), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Writing_rejects_null()
    {
        var snapshot = ManySamples.CreateGauges(1);
        var pipe = new Pipe().Writer;
        Assert.Multiple(() =>
        {
            Assert.That(
                () => snapshot.WriteAsync((Stream)null!, ExpositionFormat.OpenMetrics), Throws.ArgumentNullException);
            Assert.That(
                () => snapshot.WriteAsync((PipeWriter)null!, ExpositionFormat.OpenMetrics), Throws.ArgumentNullException);
            Assert.That(() => snapshot.Write(null!, ExpositionFormat.OpenMetrics), Throws.ArgumentNullException);
            Assert.That(() => snapshot.WriteAsync(Stream.Null, null!), Throws.ArgumentNullException);
            Assert.That(() => snapshot.WriteAsync(pipe, null!), Throws.ArgumentNullException);
            Assert.That(() => snapshot.Write(pipe, null!), Throws.ArgumentNullException);
        });
    }
}
