using System.Globalization;

namespace Orchestrator.Metrics.Benchmarks.Load;

/// <summary>Processor times that Linux reports, with a resolution of 10 ms.</summary>
internal static class ProcFile
{
    private const double TicksPerSecond = 100;

    /// <summary>The processor time of a process.</summary>
    public static TimeSpan ProcessorTime(int process) => Read(process).Time;

    /// <summary>The processor time of all processes of a PostgreSQL server, including those that have ended.</summary>
    /// <param name="backend">One of its processes.</param>
    public static TimeSpan ServerTime(int backend)
    {
        var server = Read(backend).Parent;
        var time = Read(server).Time + Read(server).ChildTime;
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(folder), out var process) && Read(process) is var child
                    && child.Parent == server)
                    time += child.Time;
            }
            catch (IOException)
            {
                // The process has ended.
            }
        }

        return time;
    }

    // Fields 4 and 14 to 17, behind the name in parentheses, which may contain spaces.
    private static (int Parent, TimeSpan Time, TimeSpan ChildTime) Read(int process)
    {
        var text = File.ReadAllText($"/proc/{process}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return ((int)Number(1), Time(11), Time(13));

        TimeSpan Time(int first) => TimeSpan.FromSeconds((Number(first) + Number(first + 1)) / TicksPerSecond);

        long Number(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture);
    }
}
