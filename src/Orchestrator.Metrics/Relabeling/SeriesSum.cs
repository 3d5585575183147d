using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Relabeling;

/// <summary>Sums the samples of series that have become identical.</summary>
internal sealed class SeriesSum
{
    // The rounding error so far (Neumaier summation): a sum of half a million run times stays accurate to 1e-15.
    private double _lost;
    private double _sum;

    public int Samples { get; private set; }

    public double Value => double.IsFinite(_lost) ? _sum + _lost : _sum;

    public double Timestamp { get; private set; } = UnixSeconds.None;

    public Exemplar? Exemplar { get; private set; }

    public void Add(double value, double timestamp, Exemplar? exemplar)
    {
        var sum = _sum + value;
        _lost += Math.Abs(_sum) >= Math.Abs(value) ? (_sum - sum) + value : (value - sum) + _sum;
        _sum = sum;
        Merge(timestamp, exemplar);
    }

    /// <summary>Keeps the smallest value instead of the sum, for points in time.</summary>
    public void AddMinimum(double value, double timestamp)
    {
        _sum = Samples == 0 ? value : Math.Min(_sum, value);
        Merge(timestamp, exemplar: null);
    }

    private void Merge(double timestamp, Exemplar? exemplar)
    {
        Samples++;
        if (!double.IsNaN(timestamp) && !(Timestamp >= timestamp))
            Timestamp = timestamp;
        if (Exemplar is null || exemplar?.TimestampSeconds > (Exemplar.TimestampSeconds ?? double.NegativeInfinity))
            Exemplar = exemplar;
    }
}
