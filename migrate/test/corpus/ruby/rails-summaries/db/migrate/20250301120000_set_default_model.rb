class SetDefaultModel < ActiveRecord::Migration[7.1]
  def change
    change_column_default :assistants, :model, from: nil, to: "claude-3-7-sonnet-20250219"
  end
end
