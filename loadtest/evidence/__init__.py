"""What people and machines read of a judgement: report, summary, JUnit, notice."""
