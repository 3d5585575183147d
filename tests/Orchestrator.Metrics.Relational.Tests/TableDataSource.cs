using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// A strict provider: it returns the reader of a <see cref="DataTable"/>, which converts nothing.
/// </summary>
internal sealed class TableDataSource(Func<string, DataTable> answer) : DbDataSource
{
    public override string ConnectionString => "";

    public static DataTable CreateTable(params (string Column, object Value)[] values)
    {
        var table = new DataTable { Locale = System.Globalization.CultureInfo.InvariantCulture };
        foreach (var (column, value) in values)
            table.Columns.Add(column, value.GetType());
        table.Rows.Add([.. values.Select(value => value.Value)]);
        return table;
    }

    protected override DbConnection CreateDbConnection() => new Connection(answer);

    private sealed class Connection(Func<string, DataTable> answer) : DbConnection
    {
        [AllowNull]
        public override string ConnectionString { get; set; } = "";

        public override string Database => "";

        public override string DataSource => "";

        public override string ServerVersion => "";

        public override ConnectionState State => ConnectionState.Open;

        public override void ChangeDatabase(string databaseName)
        {
        }

        public override void Close()
        {
        }

        public override void Open()
        {
        }

        protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => new Transaction(this);

        protected override DbCommand CreateDbCommand() => new TableCommand(answer);
    }

    private sealed class Transaction(DbConnection connection) : DbTransaction
    {
        public override IsolationLevel IsolationLevel => IsolationLevel.RepeatableRead;

        protected override DbConnection DbConnection => connection;

        public override void Commit()
        {
        }

        public override void Rollback()
        {
        }
    }

    private sealed class TableCommand(Func<string, DataTable> answer) : DbCommand
    {
        [AllowNull]
        public override string CommandText { get; set; } = "";

        public override int CommandTimeout { get; set; }

        public override CommandType CommandType { get; set; }

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection { get; set; }

        protected override DbParameterCollection DbParameterCollection => throw new NotSupportedException();

        protected override DbTransaction? DbTransaction { get; set; }

        public override void Cancel()
        {
        }

        public override int ExecuteNonQuery() => 0;

        public override object ExecuteScalar() => throw new NotSupportedException();

        public override void Prepare()
        {
        }

        protected override DbParameter CreateDbParameter() => throw new NotSupportedException();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) =>
            answer(CommandText).CreateDataReader();
    }
}
