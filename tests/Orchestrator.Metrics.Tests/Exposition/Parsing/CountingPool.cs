using System.Buffers;

namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

internal sealed class CountingPool : ArrayPool<byte>
{
    private readonly HashSet<byte[]> _rented = [];

    public int Rentals { get; private set; }

    public int Outstanding => _rented.Count;

    public override byte[] Rent(int minimumLength)
    {
        var array = new byte[minimumLength];
        Array.Fill(array, (byte)'?');
        _rented.Add(array);
        Rentals++;
        return array;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        Assert.That(_rented.Remove(array), "The array was returned twice, or is not from this pool.");
        Array.Fill(array, (byte)'!');
    }
}
