using System.Globalization;
using System.Text;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Peers;

/// <summary>A handwritten formatter for this family: one pass over the rows, without a library.</summary>
internal static class PlainFormatter
{
    private const int BufferSize = 64 * 1024;
    private const int LongestLine = 4096;

    private static readonly byte[][] Labels =
        [.. SeriesRow.LabelNames.Select((name, i) => Encoding.UTF8.GetBytes($"{(i == 0 ? "{" : "\",")}{name}=\""))];

    public static void Write(Stream stream, IReadOnlyList<SeriesRow> rows)
    {
        var buffer = new byte[BufferSize];
        var used = Copy("# HELP wfo_process_count Number of processes.\n# TYPE wfo_process_count gauge\n"u8, buffer);
        foreach (var row in rows)
        {
            if (buffer.Length - used < LongestLine)
            {
                stream.Write(buffer, 0, used);
                used = 0;
            }

            used += WriteLine(row, buffer.AsSpan(used));
        }

        stream.Write(buffer, 0, used);
    }

    private static int WriteLine(SeriesRow row, Span<byte> line)
    {
        var used = Copy("wfo_process_count"u8, line);
        used += WriteLabel(0, row.CreatedBy, line[used..]);
        used += WriteLabel(1, row.CustomerId, line[used..]);
        used += WriteLabel(2, row.IsTask, line[used..]);
        used += WriteLabel(3, row.LastStatus, line[used..]);
        used += WriteLabel(4, row.ProductName, line[used..]);
        used += WriteLabel(5, row.WorkflowName, line[used..]);
        used += WriteLabel(6, row.WorkflowTarget, line[used..]);

        used += Copy("\"} "u8, line[used..]);
        row.Value.TryFormat(line[used..], out var written, default, CultureInfo.InvariantCulture);
        used += written;
        line[used++] = (byte)'\n';
        return used;
    }

    private static int WriteLabel(int label, string value, Span<byte> destination)
    {
        var used = Copy(Labels[label], destination);
        return used + WriteEscaped(value, destination[used..]);
    }

    private static int WriteEscaped(string text, Span<byte> destination)
    {
        var used = 0;
        for (int next; (next = text.AsSpan().IndexOfAny('\\', '\n', '"')) >= 0; text = text[(next + 1)..])
        {
            used += Encoding.UTF8.GetBytes(text.AsSpan(0, next), destination[used..]);
            destination[used++] = (byte)'\\';
            destination[used++] = text[next] == '\n' ? (byte)'n' : (byte)text[next];
        }

        return used + Encoding.UTF8.GetBytes(text, destination[used..]);
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
