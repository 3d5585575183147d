using System.Globalization;

namespace Orchestrator.Metrics.Benchmarks.Load;

/// <summary>Processor times that Linux reports, with a resolution of 10 ms.</summary>
internal static class ProcessorTimes
{
    private const double TicksPerSecond = 100;

    public static TimeSpan ReadProcess(int process) => Read(process).Time;

    /// <summary>
    /// Returns the processor time of all processes of a PostgreSQL server, including those that have ended.
    /// </summary>
    /// <param name="backend">The ID of a server process that serves a connection.</param>
    public static TimeSpan ReadServer(int backend)
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

    // Reads fields 4 and 14 to 17. The name in parentheses, field 2, may contain spaces.
    private static (int Parent, TimeSpan Time, TimeSpan ChildTime) Read(int process)
    {
        var text = File.ReadAllText($"/proc/{process}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return ((int)ParseNumber(1), ParseTime(11), ParseTime(13));

        TimeSpan ParseTime(int first) =>
            TimeSpan.FromSeconds((ParseNumber(first) + ParseNumber(first + 1)) / TicksPerSecond);

        long ParseNumber(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture);
    }
}
