namespace Orchestrator.Metrics.Relational.SqlMetrics;

/// <summary>
/// Adds the samples of each row of a result to a metric family, according to one definition. Not thread-safe.
/// </summary>
internal sealed class SampleReader
{
    private readonly SqlMetricFamily _definition;
    private readonly QueryResult _result;
    private readonly int[] _labelColumns;
    private readonly int[] _valueColumns;
    private readonly (double UpperBound, int Column)[] _buckets;
    private readonly int? _sumColumn;
    private readonly int? _timestampColumn;
    private readonly string[] _labelNames;
    private readonly string[] _labelValues;
    private readonly FamilySamples _samples;

    public SampleReader(SqlMetricFamily definition, QueryResult result, FamilySamples samples)
    {
        _samples = samples;
        _definition = definition;
        _result = result;
        _labelColumns = [.. definition.Labels.Select(result.GetColumn)];
        _valueColumns = [.. definition.Values.Select(result.GetColumn)];
        _buckets =
        [
            .. definition.Buckets.OrderBy(bucket => bucket.Key)
                .Select(bucket => (bucket.Key, result.GetColumn(bucket.Value))),
        ];
        _sumColumn = definition.Sum is { } sum ? result.GetColumn(sum) : null;
        _timestampColumn = definition.Timestamp is { } timestamp ? result.GetColumn(timestamp) : null;
        _labelNames = SqlMetricFamilyRules.GetLabelNames(definition);
        _labelValues = new string[_labelNames.Length];
        definition.ConstantLabels.Values.ToArray().CopyTo(_labelValues, 0);
    }

    public void AddRow()
    {
        if (_timestampColumn is { } column && _result.IsNull(column))
            return;
        DateTimeOffset? timestamp = _timestampColumn is { } time ? _result.GetTime(time) : null;
        for (var i = 0; i < _labelColumns.Length; i++)
        {
            _labelValues[_definition.ConstantLabels.Count + i] =
                _result.IsNull(_labelColumns[i]) ? "" : _result.GetText(_labelColumns[i]);
        }

        try
        {
            if (_buckets.Length > 0)
                AddHistogram(timestamp);
            else if (_definition.ConstantValue is { } constant)
                Add(constant, timestamp);
            else
                AddValues(timestamp);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidOperationException(
                $"Metric family '{_definition.Name}' does not accept a row of the query. {exception.Message}",
                exception);
        }
    }

    private void AddValues(DateTimeOffset? timestamp)
    {
        for (var i = 0; i < _valueColumns.Length; i++)
        {
            if (_result.IsNull(_valueColumns[i]))
                continue;
            if (_definition.ValueLabel is not null)
                _labelValues[^1] = _definition.Values[i];
            Add(_result.GetDouble(_valueColumns[i]), timestamp);
        }
    }

    private void AddHistogram(DateTimeOffset? timestamp)
    {
        if (Array.Exists(_buckets, bucket => _result.IsNull(bucket.Column))
            || (_sumColumn is { } column && _result.IsNull(column)))
            return;
        double? sum = _sumColumn is { } sumColumn ? _result.GetDouble(sumColumn) : null;
        var buckets = Array.ConvertAll(
            _buckets, bucket => new HistogramBucket(bucket.UpperBound, _result.GetInt64(bucket.Column)));
        _samples.Add(
            _definition.Type == MetricType.Histogram
                ? MetricPoint.Histogram(buckets, sum, timestamp: timestamp)
                : MetricPoint.GaugeHistogram(buckets, sum, timestamp),
            _labelNames, _labelValues);
    }

    private void Add(double value, DateTimeOffset? timestamp) =>
        _samples.Add(value, _labelNames, _labelValues, timestamp);
}
