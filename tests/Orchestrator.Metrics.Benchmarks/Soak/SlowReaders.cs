using System.Net.Sockets;
using System.Text;

namespace Orchestrator.Metrics.Benchmarks.Soak;

/// <summary>Clients that repeatedly read a large response, 1 KiB every 50 ms, until they are disposed.</summary>
internal sealed class SlowReaders : IAsyncDisposable
{
    private const int Readers = 4;

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _reading;
    private readonly SoakCounts _results;

    public SlowReaders(Uri address, SoakCounts results)
    {
        _results = results;
        _reading = Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => ReadAsync(address, _stopping.Token)));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reading;
        _stopping.Dispose();
    }

    private async Task ReadAsync(Uri address, CancellationToken cancellationToken)
    {
        var request = Encoding.ASCII.GetBytes(
            $"GET {SoakRun.LargePath} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n\r\n");
        var buffer = new byte[1024];
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var client = new TcpClient { ReceiveBufferSize = 4096 };
                await client.ConnectAsync(address.Host, address.Port, cancellationToken);
                await client.GetStream().WriteAsync(request, cancellationToken);
                while (await client.GetStream().ReadAsync(buffer, cancellationToken) > 0)
                    await timer.WaitForNextTickAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (IOException)
            {
                // The server aborted the response at the write timeout.
                Interlocked.Increment(ref _results.Aborted);
            }
            catch (SocketException)
            {
                // The host has stopped.
                return;
            }
        }
    }
}
